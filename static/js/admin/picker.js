// What Select2 leaves undone where one picks from a list that has a field to type in.
{
  const $ = django.jQuery;

  // Where a new name can be written instead of choosing, Enter takes what fits first: the letters typed so far come last.
  $.fn.select2.defaults.set("insertTag", (found, written) => found.push(written));

  // Things stand below their kind: whoever has chosen one has chosen that, too.
  $(document).on("select2:select", "select[data-kind]", ({ target, params }) => {
    const kind = params.data.element?.parentElement.label;
    if (kind) target.form.elements.namedItem(target.dataset.kind).value = kind;
  });

  // After a choice by Enter it would miss the next letters that come without a key, as pasted and dictated ones do.
  $(document).on("select2:open", ({ target }) => {
    $(target).data("select2").dropdown._keyUpPrevented = false;
  });
}
