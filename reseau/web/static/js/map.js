// The map of results, beside the list that says the same. Needs leaflet.js before it, and in the page:
//   <div id="carte" class="map" hidden data-geojson="…" data-tiles="…" data-attribution="…" data-open="Ouvert"
//        data-closed="Fermé" data-unknown="Horaires non renseignés" data-zoom-in="…" data-zoom-out="…"
//        data-close="…" data-error="…"></div> <p class="map-status" role="status" data-map-status></p>
//   <li class="card" data-item="ID">… <button hidden data-marker="ID">Voir sur la carte</button></li>
// The address answers a GeoJSON FeatureCollection of points: properties id, nom, url, adresse, ouvert (true, false,
// null). Without data-tiles the markers stand on a plain ground.

/* global L */

const MAX_MARKERS = 400; // beyond, points on a canvas: thousands of focusable elements help nobody
const CLOSEST_ZOOM = 16;

const state = (open) => (open === true ? "open" : open === false ? "closed" : "unknown");

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  return made;
}

function popup(properties, words) {
  const box = element("div");
  const link = element("a", properties.nom, { href: properties.url, lang: "fr", dir: "auto" });
  box.append(link);
  if (properties.adresse) box.append(element("p", properties.adresse, { lang: "fr", dir: "auto" }));
  box.append(element("p", words[state(properties.ouvert)]));
  return box;
}

function pin(feature, latlng, words) {
  const { nom, ouvert } = feature.properties;
  const size = 34;
  const icon = L.divIcon({
    className: `marker marker-${state(ouvert)}`,
    iconSize: [size, size],
    iconAnchor: [size / 2, size],
    popupAnchor: [0, -size],
  });
  const marker = L.marker(latlng, { icon, title: nom });
  marker.on("add", () => marker.getElement().setAttribute("aria-label", `${nom}, ${words[state(ouvert)]}`));
  return marker;
}

function dot(feature, latlng, renderer) {
  return L.circleMarker(latlng, { renderer, radius: 7, color: "#fff", weight: 2, fillColor: "#92301d", fillOpacity: 1 });
}

function linkList(map, markers) {
  document.querySelectorAll("button[data-marker]").forEach((button) => {
    const marker = markers.get(button.dataset.marker);
    if (!marker) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      map.setView(marker.getLatLng(), Math.max(map.getZoom(), 15));
      marker.openPopup();
      map.getContainer().scrollIntoView({ block: "nearest" });
      (marker.getPopup().getElement()?.querySelector("a") ?? map.getContainer()).focus();
    });
  });
  markers.forEach((marker, id) => {
    const item = document.querySelector(`[data-item="${CSS.escape(id)}"]`);
    marker.on("popupopen", () => item?.classList.add("is-current"));
    marker.on("popupclose", () => item?.classList.remove("is-current"));
  });
}

function ground(box) {
  const animate = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(box, {
    zoomControl: false,
    maxZoom: 19,
    zoomAnimation: animate,
    fadeAnimation: animate,
    markerZoomAnimation: animate,
  });
  const rtl = document.documentElement.dir === "rtl";
  map.attributionControl.setPrefix("Leaflet").setPosition(rtl ? "bottomleft" : "bottomright");
  L.control
    .zoom({ position: rtl ? "bottomright" : "bottomleft", zoomInTitle: box.dataset.zoomIn, zoomOutTitle: box.dataset.zoomOut })
    .addTo(map);
  if (box.dataset.tiles) {
    L.tileLayer(box.dataset.tiles, { attribution: box.dataset.attribution, maxZoom: 19 }).addTo(map);
  }
  return map;
}

async function start(box) {
  const status = document.querySelector("[data-map-status]");
  const words = { open: box.dataset.open, closed: box.dataset.closed, unknown: box.dataset.unknown };
  let data;
  try {
    const response = await fetch(box.dataset.geojson, { headers: { Accept: "application/geo+json" } });
    if (!response.ok) throw new Error(response.statusText);
    data = await response.json();
  } catch {
    if (status) status.textContent = box.dataset.error ?? "";
    return;
  }
  if (!data.features.length) return;
  box.hidden = false;
  const map = ground(box);
  const many = data.features.length > MAX_MARKERS;
  const renderer = many ? L.canvas() : undefined;
  const markers = new Map();
  const layer = L.geoJSON(data, {
    pointToLayer: (feature, latlng) => (many ? dot(feature, latlng, renderer) : pin(feature, latlng, words)),
    onEachFeature: (feature, marker) => {
      marker.bindPopup(() => popup(feature.properties, words));
      marker.on("popupopen", ({ popup: opened }) => {
        opened.getElement()?.querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", box.dataset.close ?? "×");
      });
      markers.set(String(feature.properties.id), marker);
    },
  });
  map.fitBounds(layer.getBounds(), { maxZoom: CLOSEST_ZOOM, padding: [40, 40], animate: false });
  layer.addTo(map);
  linkList(map, markers);
}

const box = document.getElementById("carte");
if (box) start(box);
