// What each rule finds and what it lets pass: `make semgrep` compares. Never served.
function page(element, words) {
  // ruleid: page-writes-markup
  element.innerHTML = words;
  // ok: page-writes-markup
  element.textContent = words;
  // ruleid: page-runs-text
  eval(words);
  // ruleid: page-runs-text
  element.setAttribute("onclick", words);
  // ruleid: page-tells-or-keeps
  console.log(words);
  // ruleid: page-tells-or-keeps
  window.postMessage(words, "*");
  // ok: page-tells-or-keeps
  worker.postMessage(words);
}
