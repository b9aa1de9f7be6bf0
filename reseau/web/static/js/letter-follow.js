// The follow-up of a letter on its way: its numbers come anew, and nothing else of the page moves. Without scripts, a
// link does it: a page that reloads by itself takes away what one was reading (WCAG 2.2.1).

const told = document.querySelector("[data-follow]");

async function renew() {
  const answer = await fetch(location.pathname);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const news = page.querySelectorAll("[data-live]");
  document.querySelectorAll("[data-live]").forEach((part, rank) => {
    if (news[rank] && part.innerHTML !== news[rank].innerHTML) part.innerHTML = news[rank].innerHTML;
  });
  if (page.querySelector("[data-follow]")) return;
  told.hidden = true;
  clearInterval(timer);
}

let timer;
if (told) {
  told.hidden = false;
  timer = setInterval(() => document.hidden || renew().catch(() => {}), Number(told.dataset.follow) * 1000);
}
