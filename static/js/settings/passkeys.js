// Passkeys: ask the device, then send what it says with the form around the button. WebAuthn, level 3, section 5.1.

import { all, one } from "../browser/dom.js";

const REFUSED = "Nothing was shown. Try again, or come in another way.";

function complain(form, words) {
  const line = one("[data-passkey-error]", form);
  line.textContent = words;
  line.hidden = false;
}

async function question(form) {
  const held = one("script[type='application/json']", form);
  if (held) return JSON.parse(held.textContent);
  const answer = await fetch(form.dataset.passkeyAsk, { headers: { Accept: "application/json" } });
  const { error, ...asked } = await answer.json();
  if (error) throw new Error(error);
  return asked;
}

async function shown(form) {
  const { publicKey } = await question(form);
  if ("passkeyNew" in form.dataset) {
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) });
  }
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
}

async function send(form) {
  try {
    form.elements.credential.value = JSON.stringify(await shown(form));
    form.submit();
  } catch (error) {
    complain(form, error.name === "NotAllowedError" ? REFUSED : error.message);
  }
}

const can = window.isSecureContext && window.PublicKeyCredential?.parseRequestOptionsFromJSON;

for (const form of all("[data-passkey-form]")) {
  if (!can) complain(form, "This browser cannot use passkeys here.");
  one("button", form).disabled = !can;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}
