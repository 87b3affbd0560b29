/**
 * Breaks a text into lines at its spaces; a word longer than a line stands alone on one.
 * @param width columns, indents included.
 * @param hanging indent of the lines after the first. Default: that of the first.
 */
export function wrap(text: string, width: number, indent: string, hanging = indent): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const margin = lines.length === 0 ? indent : hanging;
    if (line !== "" && margin.length + line.length + 1 + word.length > width) {
      lines.push(margin + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, (lines.length === 0 ? indent : hanging) + line];
}
