// A soft sound for news: two quiet tones, only after the caseworker touched the page, only while it is switched on.

let context = null;
let isOn = true;

/** Browsers allow sound after a first gesture; call from one. */
export function wake() {
  if (context === null && "AudioContext" in globalThis) context = new AudioContext();
  context?.resume().catch(() => {});
}

export const soundIsOn = () => isOn;

export function switchSound(on) {
  isOn = on;
  if (on) chime();
}

export function chime() {
  if (!isOn || context === null || context.state !== "running") return;
  [587.33, 783.99].forEach((frequency, at) => {
    const starts = context.currentTime + at * 0.18;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.type = "sine";
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.0001, starts);
    volume.gain.exponentialRampToValueAtTime(0.08, starts + 0.03);
    volume.gain.exponentialRampToValueAtTime(0.0001, starts + 0.45);
    tone.connect(volume).connect(context.destination);
    tone.start(starts);
    tone.stop(starts + 0.5);
  });
}
