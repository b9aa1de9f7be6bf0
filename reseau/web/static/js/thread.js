// A thread: the post that an address names is where the keyboard goes on from.
const named = location.hash.startsWith("#message-") && document.getElementById(location.hash.slice(1));
if (named) named.focus({ preventScroll: true });
