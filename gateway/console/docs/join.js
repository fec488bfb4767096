// join.js - uses a personal link, and enters the console. Its code stands behind '#', which no server
// sees, and it is used only when somebody presses the button: scanners of mail follow links, and press
// nothing.
'use strict';

const words = {
  es: { once: 'Tiene un enlace personal. Sirve una vez.', code: 'Código de configuración', code_hint: 'Del correo o de su gerente: completo.',
        password: 'Elija una contraseña', password_hint: 'Al menos 8 caracteres, con una mayúscula, una cifra y un símbolo.', go: 'Continuar',
        lost: 'No hay conexión. Inténtelo de nuevo.' },
  fr: { once: 'Vous avez un lien personnel. Il sert une fois.', code: "Code d'installation", code_hint: 'Du courriel ou de votre gérant : en entier.',
        password: 'Choisissez un mot de passe', password_hint: 'Au moins 8 caractères, dont une majuscule, un chiffre et un symbole.', go: 'Continuer',
        lost: "Il n'y a pas de connexion. Réessayez." },
};
const language = navigator.languages.map((l) => l.slice(0, 2)).find((l) => l === 'en' || l in words);
const spoken = words[language];

const find = (id) => document.getElementById(id);
const code = location.hash.slice(1);
history.replaceState(null, '', location.pathname); // nor does it stay in the address

if (spoken) {
  document.documentElement.lang = language;
  for (const e of document.querySelectorAll('[data-word]')) e.textContent = spoken[e.dataset.word];
}
find('type').hidden = code !== '';
find('once').hidden = code === '';

async function join() {
  const password = find('password').value;
  const response = await fetch('/v1/join', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: code || find('code').value.trim(), ...(password && { password }) }),
  });
  return { status: response.status, answer: await response.json() };
}

/** The console on this device is theirs now: nothing stays of who used it before, but how it looks. */
function enter(session) {
  const kept = ['look', 'sound', 'language'].map((name) => `maitred.${name}`);
  for (const name of Object.keys(localStorage))
    if (name.startsWith('maitred.') && !kept.includes(name)) localStorage.removeItem(name);
  localStorage.setItem('maitred.session', JSON.stringify(session));
  location.replace('/');
}

function show({ status, answer }) {
  const choosing = !find('choose').hidden;
  find('problem').textContent = '';
  if (status === 201) {
    enter(answer);
  } else if (answer.param === 'password' && !choosing) {
    find('choose').hidden = false; // an invitation, or a new password: a sign-up has its own
    find('password').focus();
  } else {
    find('problem').textContent = answer.detail ?? answer.title;
    find(answer.param === 'password' ? 'password' : 'code').focus();
  }
}

find('join').addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = event.target.querySelector('button');
  button.disabled = true;
  try {
    show(await join());
  } catch {
    find('problem').textContent = spoken?.lost ?? 'There is no connection. Try again.';
  }
  button.disabled = false;
});
