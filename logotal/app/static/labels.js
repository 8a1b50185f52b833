// The colour of each label: as in the reports of the project (logotal/report/charts/palette.py).

const COLOURS = 8;

/** The colour's number of each label. Where two prefer the same, the later takes the next that fewer labels use. */
export function colourNumbers(labels) {
  const uses = new Array(COLOURS).fill(0), numbers = new Map();
  for (const label of [...labels].sort()) {
    let number = checksum(label) % COLOURS;
    while (uses[number] > Math.min(...uses)) number = (number + 1) % COLOURS;
    uses[number] += 1;
    numbers.set(label, number);
  }
  return numbers;
}

/** CRC-32 of a text. */
function checksum(text) {
  let sum = ~0;
  for (const byte of new TextEncoder().encode(text)) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}
