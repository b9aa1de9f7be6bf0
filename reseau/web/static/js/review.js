// The two places of a pair on a map, as A and B. Needs leaflet.js before it, and in the page:
//   <div id="review-map" class="map" hidden data-a="50.69 3.18" data-a-name="…" data-b="…" data-b-name="…"
//        data-tiles="…" data-attribution="…" data-zoom-in="…" data-zoom-out="…"></div>
// Without a position for both there is no map: the page says the distance and gives links.

/* global L */

const SIZE = 30;

function place(box, letter) {
  const [latitude, longitude] = (box.dataset[letter] ?? "").split(" ").map(Number);
  return Number.isFinite(latitude) && Number.isFinite(longitude) ? L.latLng(latitude, longitude) : null;
}

// The one in the west stands left of its point, the other right of its own: they never hide each other.
function marker(box, letter, at, isWest) {
  const shown = letter.toUpperCase();
  const iconAnchor = [isWest ? SIZE : 0, SIZE / 2];
  const icon = L.divIcon({ className: "review-letter", html: shown, iconSize: [SIZE, SIZE], iconAnchor });
  const name = `${shown}. ${box.dataset[`${letter}Name`] ?? ""}`;
  const made = L.marker(at, { icon, title: name, alt: name });
  made.on("add", () => made.getElement().setAttribute("aria-label", name));
  return made;
}

function start(box) {
  const found = ["a", "b"].map((letter) => [letter, place(box, letter)]);
  if (found.some(([, at]) => at === null)) return;
  box.hidden = false;
  const animate = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(box, { zoomControl: false, maxZoom: 19, zoomAnimation: animate, fadeAnimation: animate });
  const rtl = document.documentElement.dir === "rtl";
  map.attributionControl.setPrefix("Leaflet").setPosition(rtl ? "bottomleft" : "bottomright");
  L.control
    .zoom({ position: rtl ? "bottomright" : "bottomleft", zoomInTitle: box.dataset.zoomIn, zoomOutTitle: box.dataset.zoomOut })
    .addTo(map);
  if (box.dataset.tiles) {
    L.tileLayer(box.dataset.tiles, { attribution: box.dataset.attribution, maxZoom: 19 }).addTo(map);
  }
  map.fitBounds(L.latLngBounds(found.map(([, at]) => at)), { maxZoom: 18, padding: [40, 40], animate: false });
  const west = found[0][1].lng <= found[1][1].lng ? "a" : "b";
  found.forEach(([letter, at]) => marker(box, letter, at, letter === west).addTo(map));
}

const box = document.getElementById("review-map");
if (box) start(box);
