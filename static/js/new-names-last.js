// Where a new name can be written instead of choosing, Enter takes what fits first: the letters typed so far come last.
django.jQuery.fn.select2.defaults.set("insertTag", (found, written) => found.push(written));
