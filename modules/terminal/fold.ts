import stringWidth from "string-width";

/** Columns that a text takes on a terminal. */
export function columnsOf(text: string): number {
  // What most texts are needs no look at each character.
  return /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);
}

/**
 * Breaks a text into lines that are never wider than the width: at its spaces, and inside a word only where the word
 * alone is too wide. A number stays with its `%`. Wide characters count as two columns. For text without line breaks and colours.
 * @param width columns, indents included; at least one more than the indents.
 * @param hanging indent of the lines after the first. Default: that of the first.
 */
export function fold(text: string, width: number, indent = "", hanging = indent): readonly string[] {
  const lines: string[] = [];
  let line = "";
  let room = width - columnsOf(indent);
  const end = (): void => {
    lines.push((lines.length === 0 ? indent : hanging) + line);
    line = "";
    room = width - columnsOf(hanging);
  };
  const add = (part: string): void => {
    line += part;
    room -= columnsOf(part);
  };
  for (const word of text.split(/ (?!%)/)) {
    const gap = line === "" ? "" : " ";
    if (columnsOf(word) + gap.length <= room) {
      add(gap + word);
      continue;
    }
    if (line !== "") end();
    for (const character of word) {
      if (line !== "" && columnsOf(character) > room) end();
      add(character);
    }
  }
  end();
  return lines;
}
