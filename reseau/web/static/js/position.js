// "Autour de moi": asks the browser for a position, only on a click, and puts it in the address of the search, with
// three decimals (about 100 m): enough to sort places, not enough to tell a door. Nothing is stored.

const DECIMALS = 3;
const OPTIONS = { enableHighAccuracy: false, timeout: 15000, maximumAge: 60000 };

function field(form, name) {
  let input = form.querySelector(`input[name="${name}"]`);
  if (!input) {
    input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    form.append(input);
  }
  return input;
}

function attach(button) {
  const form = button.form;
  const status = form?.querySelector("[data-position-status]");
  if (!form || !("geolocation" in navigator)) return;
  button.hidden = false;

  function say(text) {
    if (status) status.textContent = text ?? "";
  }

  button.addEventListener("click", () => {
    say(button.dataset.searching);
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        field(form, "lat").value = coords.latitude.toFixed(DECIMALS);
        field(form, "lon").value = coords.longitude.toFixed(DECIMALS);
        const place = form.elements.namedItem(button.dataset.clear ?? "");
        if (place) place.value = "";
        form.requestSubmit();
      },
      (error) => {
        button.disabled = false;
        say(error.code === error.PERMISSION_DENIED ? button.dataset.refused : button.dataset.unavailable);
      },
      OPTIONS,
    );
  });
}

document.querySelectorAll("button[data-position]").forEach(attach);
