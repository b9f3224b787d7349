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
    return await asked(work(database.transaction(TABLE, mode).objectStore(TABLE)));
  } finally {
    database.close();
  }
}

/** The locked file's text, or undefined. */
export const loadKeyFile = () => inTable("readonly", (table) => table.get(NAME));

export const saveKeyFile = (text) => inTable("readwrite", (table) => table.put(text, NAME));

/** The records of passkeys, as texts; the first day there are none. */
export async function loadPasskeys() {
  const kept = await inTable("readonly", (table) => table.get(PASSKEYS));
  return Array.isArray(kept) ? kept : [];
}

export const savePasskeys = (texts) => inTable("readwrite", (table) => table.put(texts, PASSKEYS));

/** Ask the browser not to clear the keys away when space gets short; it may say no. */
export const askToKeep = () => navigator.storage?.persist?.().catch(() => false);
