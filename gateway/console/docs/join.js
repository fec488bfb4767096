// join.js - uses a personal link. Its code stands behind '#', which no server sees, and it is used only
// when somebody presses the button: scanners of mail follow links, and press nothing.
'use strict';

const find = (id) => document.getElementById(id);
const code = location.hash.slice(1);
history.replaceState(null, '', location.pathname); // nor does it stay in the address

async function join() {
  const password = find('password').value;
  const response = await fetch('/v1/join', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: code, ...(password && { password }) }),
  });
  return { status: response.status, answer: await response.json() };
}

function show({ status, answer }) {
  const choosing = !find('choose').hidden;
  find('problem').textContent = '';
  if (status === 201) {
    find('join').replaceChildren(`Welcome, ${answer.user.name}. You can sign in as ${answer.user.login} now, at ${answer.account.name}.`);
    document.title = 'Welcome – maitred';
  } else if (answer.param === 'password' && !choosing) {
    find('choose').hidden = false; // an invitation, or a new password: a sign-up has its own
    find('password').focus();
  } else {
    find('problem').textContent = answer.detail ?? answer.title;
  }
}

find('join').addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = event.target.querySelector('button');
  button.disabled = true;
  try {
    show(await join());
  } catch {
    find('problem').textContent = 'There is no connection. Try again.';
  }
  button.disabled = false;
});

if (!code) find('problem').textContent = 'The link is not complete: copy all of it from the mail.';
