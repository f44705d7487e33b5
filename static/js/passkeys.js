// Starts allauth's forms for passkeys. What they need stands in data attributes, for no script stands in a page.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-passkey]").forEach((element) => {
    const options = element.dataset.options;
    window.allauth.webauthn.forms[element.dataset.passkey]({
      ids: JSON.parse(element.dataset.ids),
      data: options ? JSON.parse(options) : {},
    });
  });
});
