// Sends the form that was kept. Not `form.requestSubmit()`: a field of the form may have that name.

HTMLFormElement.prototype.requestSubmit.call(document.querySelector("[data-carried]"));
