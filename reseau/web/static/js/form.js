// After a refused form, the summary of errors takes the focus, so that a screen reader starts there.

document.querySelector("[data-focus]")?.focus();
