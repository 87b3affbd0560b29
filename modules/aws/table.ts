type Cell = string | number;

/** The JSON form of a data table: column names once, then one array a row. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Reads one row of a {@link Table} by column name. */
export interface Row {
  /** The cell's text; the empty string where there is none. */
  text(column: string): string;
  /** The cell's text, or `undefined` where it is empty. */
  optionalText(column: string): string | undefined;
  number(column: string): number;
  /** A cell of 0 or 1. */
  flag(column: string): boolean;
}

/** Maps a table's rows. A wrong column or type is a fault in our data and throws. */
export function mapTable<T>(file: string, table: Table, read: (row: Row) => T): T[] {
  const index = new Map(table.columns.map((column, position) => [column, position]));
  return table.rows.map((cells) => {
    const cell = (column: string, type: "string" | "number"): Cell => {
      const position = index.get(column);
      const value = position === undefined ? undefined : cells[position];
      if (value === undefined || typeof value !== type)
        throw new Error(`${file}: ${String(cells[0])}: column ${column} is not a ${type}`);
      return value;
    };
    const row: Row = {
      text: (column) => String(cell(column, "string")),
      optionalText: (column) => {
        const value = row.text(column);
        return value === "" ? undefined : value;
      },
      number: (column) => Number(cell(column, "number")),
      flag: (column) => row.number(column) === 1,
    };
    return read(row);
  });
}
