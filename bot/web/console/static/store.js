// The locked key file in this browser's IndexedDB, and the records of passkeys that open it: ciphertext and nothing else.

const DATABASE = "fener-console";
const TABLE = "keys";
const NAME = "caseworker";
const PASSKEYS = "passkeys";

function asked(request) {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });
}

async function inTable(mode, work) {
  const opening = indexedDB.open(DATABASE, 1);
  opening.addEventListener("upgradeneeded", () => opening.result.createObjectStore(TABLE));
  const database = await asked(opening);
  try {
    return await work(database.transaction(TABLE, mode).objectStore(TABLE));
  } finally {
    database.close();
  }
}

/** The locked file's text, or undefined. */
export const loadKeyFile = () => inTable("readonly", (table) => asked(table.get(NAME)));

export const saveKeyFile = (text) => inTable("readwrite", (table) => asked(table.put(text, NAME)));

/**
 * Keep `after` in place of `before`. Where another tab kept something else meanwhile, nothing is written, and that is what
 * this resolves to; null when it is done. `passkeys` replaces their records in the same breath.
 */
export const replaceKeyFile = (before, after, passkeys = null) => inTable("readwrite", async (table) => {
  const there = await asked(table.get(NAME));
  if (there !== undefined && there !== before) return there;
  await asked(table.put(after, NAME));
  if (passkeys !== null) await asked(table.put(passkeys, PASSKEYS));
  return null;
});

/** The records of passkeys, as texts; the first day there are none. */
export async function loadPasskeys() {
  const kept = await inTable("readonly", (table) => asked(table.get(PASSKEYS)));
  return Array.isArray(kept) ? kept : [];
}

export const savePasskeys = (texts) => inTable("readwrite", (table) => asked(table.put(texts, PASSKEYS)));

/** Ask the browser not to clear the keys away when space gets short; it may say no. */
export const askToKeep = () => navigator.storage?.persist?.().catch(() => false);
