// Asks the worker to stretch a passphrase. The policy below is the only one the page may make, and knows one address.

const WORKER = new URL("./stretch-worker.js", import.meta.url).href;

const policy = globalThis.trustedTypes?.createPolicy("fener-worker", {
  createScriptURL(url) {
    if (url !== WORKER) throw new TypeError("only our worker");
    return url;
  },
});

/** 32 bytes from a passphrase, after a second or two; `onProgress` hears shares from 0 to 1. */
export function stretch(passphrase, salt, onProgress = () => {}) {
  const worker = new Worker(policy ? policy.createScriptURL(WORKER) : WORKER, { type: "module" });
  return new Promise((resolve, reject) => {
    worker.addEventListener("message", ({ data }) => {
      if (data.key) resolve(data.key);
      else onProgress(data.share);
    });
    worker.addEventListener("error", () => reject(new Error("the worker did not start")));
    worker.postMessage({ passphrase, salt });
  }).finally(() => worker.terminate());
}
