// Writing a resource. Everything works without: here is what is quicker with. Blocks are dragged (buttons move them too),
// what is typed in a block is kept as one types, a large file shows how far it has come.
// Each part is given the page, or the new <main> of a form that was refused: see "enhance".

const DELAY_MS = 1500;
const SMALL = 1024 * 1024; // bytes: a smaller file has come before anyone could read
const STAYED = "reseau:stayed"; // a form that was being sent is still here

// --- What is typed is kept on the server, without its files. --------------------------------------------------------

function keepTyped(form) {
  const status = form.querySelector("[data-draft-status]");
  let timer = 0;
  let typed = false;
  let sent = null;

  const fields = () => {
    const found = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") found.append(name, value);
    return found;
  };
  const keep = async () => {
    typed = false;
    sent?.abort();
    sent = new AbortController();
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: fields(), redirect: "manual", signal: sent.signal });
      if (answer.status !== 204) throw new Error(String(answer.status));
      const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      status.textContent = form.dataset.kept.replace("{time}", time);
    } catch (error) {
      if (error.name === "AbortError") return;
      typed = true;
      status.textContent = form.dataset.lost;
    }
  };
  const later = (event) => {
    if (event.target.type === "file") return;
    typed = true;
    clearTimeout(timer);
    timer = setTimeout(keep, DELAY_MS);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  // A draft that arrives after the form itself would come back from the dead.
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    sent?.abort();
    typed = false;
  });
  // The form did not go after all.
  form.addEventListener(STAYED, () => later({ target: form }));
  addEventListener("pagehide", () => {
    if (typed && form.isConnected) navigator.sendBeacon(form.dataset.autosave, fields());
  });
}

// --- A file that is sent shows how far it has come. -----------------------------------------------------------------

function sendWithProgress(form) {
  const status = form.querySelector("[data-upload-status]");
  form.addEventListener("submit", (event) => {
    const files = [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
    if (event.defaultPrevented || files.reduce((sum, file) => sum + file.size, 0) < SMALL) return;
    event.preventDefault();
    const body = new FormData(form);
    if (event.submitter?.name) body.append(event.submitter.name, event.submitter.value);
    const buttons = form.querySelectorAll("button");
    const request = new XMLHttpRequest();
    const failed = () => {
      status.textContent = form.dataset.failed;
      for (const button of buttons) button.disabled = false;
      form.dispatchEvent(new Event(STAYED));
    };
    request.open("POST", form.action);
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      status.textContent = form.dataset.sending.replace("{percent}", String(Math.floor((100 * loaded) / total)));
    });
    request.addEventListener("error", failed);
    request.addEventListener("load", () => {
      const html = (request.getResponseHeader("Content-Type") ?? "").startsWith("text/html");
      if (request.status < 400 && request.responseURL) {
        location.assign(request.responseURL);
      } else if (request.status === 422 && html) {
        // The page of the refused form: shown in place, with what was typed.
        const page = new DOMParser().parseFromString(request.responseText, "text/html");
        const main = document.adoptNode(page.querySelector("main"));
        const next = main.querySelector("form[data-upload]");
        for (const [name, value] of next ? new FormData(form) : []) {
          // What was typed while the file was on its way.
          const field = typeof value === "string" && value !== body.get(name) && next.elements.namedItem(name);
          if (field) field.value = value;
        }
        document.querySelector("main").replaceWith(main);
        document.title = page.title;
        enhance(main);
        scrollTo(0, 0);
        main.querySelector("[data-focus]")?.focus();
      } else {
        failed();
      }
    });
    for (const button of buttons) button.disabled = true;
    request.send(body);
  });
}

// --- A file can be dropped on its field. ----------------------------------------------------------------------------

function takeDropped(field) {
  const input = field.querySelector("input[type=file]");
  const isFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  field.addEventListener("dragover", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    field.classList.add("is-over");
  });
  field.addEventListener("dragleave", () => field.classList.remove("is-over"));
  field.addEventListener("drop", (event) => {
    field.classList.remove("is-over");
    if (!isFile(event) || !event.dataTransfer.files.length) return;
    event.preventDefault();
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    input.files = one.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// --- Blocks are dragged to another place, of the same part or of one that holds their kind. -------------------------

function dragBlocks(parts) {
  const token = parts.closest("main").querySelector("input[name=csrf_token]")?.value;
  if (!token) return;
  let dragged = null;
  const clear = () => {
    for (const one of parts.querySelectorAll(".is-before, .is-target")) one.classList.remove("is-before", "is-target");
  };
  const target = (event) => {
    const part = event.target.closest("[data-part]");
    if (!dragged || !part || !part.dataset.kinds.split(" ").includes(dragged.dataset.kind)) return null;
    return { part, before: event.target.closest("[data-block]") };
  };
  for (const block of parts.querySelectorAll("[data-block]")) {
    block.draggable = true;
    block.addEventListener("dragstart", (event) => {
      dragged = block;
      block.classList.add("is-dragged");
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", block.dataset.block);
    });
    block.addEventListener("dragend", () => {
      dragged = null;
      block.classList.remove("is-dragged");
      clear();
    });
  }
  parts.addEventListener("dragover", (event) => {
    const found = target(event);
    clear();
    if (!found) return;
    event.preventDefault();
    (found.before ?? found.part).classList.add(found.before ? "is-before" : "is-target");
  });
  parts.addEventListener("drop", (event) => {
    const found = target(event);
    if (!found || found.before === dragged) return;
    event.preventDefault();
    const form = document.createElement("form");
    form.method = "post";
    form.action = dragged.dataset.move;
    const said = { csrf_token: token, partie: found.part.dataset.part, avant: found.before?.dataset.block ?? "" };
    for (const [name, value] of Object.entries(said)) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = value;
      form.append(input);
    }
    document.body.append(form);
    form.submit();
  });
}

// --------------------------------------------------------------------------------------------------------------------

function enhance(root) {
  root.querySelectorAll("form[data-autosave]").forEach(keepTyped);
  root.querySelectorAll("form[data-upload]").forEach(sendWithProgress);
  root.querySelectorAll("[data-drop]").forEach(takeDropped);
  root.querySelectorAll("[data-parts]").forEach(dragBlocks);
}

enhance(document);
