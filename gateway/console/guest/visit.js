// visit.js - a guest's own page is asked for again every 10 seconds, and when somebody looks at it. What
// changed is put in its place; without this script the page reloads itself.
const EVERY_MS = 10000;
const parts = ['now', 'can'];
let timer, busy = false;

/** The focus goes where it was, or to what is new. */
function replace(old, fresh) {
  if (old.outerHTML === fresh.outerHTML) return;
  const focused = old.contains(document.activeElement) ? document.activeElement.id : null;
  old.className = fresh.className;
  old.replaceChildren(...fresh.childNodes);
  if (focused !== null) (document.getElementById(focused) ?? old.querySelector('button, a'))?.focus();
}

async function look() {
  if (busy || document.hidden) return;
  busy = true;
  try {
    const answer = await fetch(location.href, { cache: 'no-store', headers: { accept: 'text/html' } });
    if (answer.status === 404) { location.reload(); return; }
    if (!answer.ok) return; // the next time, perhaps
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const id of parts) replace(document.getElementById(id), page.getElementById(id));
    if (!page.querySelector('script')) stop(); // it has ended
  } catch { // no network just now
  } finally { busy = false; }
}

function stop() {
  clearInterval(timer);
  document.removeEventListener('visibilitychange', look);
  document.querySelector('main > .hint')?.remove();
}

timer = setInterval(look, EVERY_MS);
document.addEventListener('visibilitychange', look);
