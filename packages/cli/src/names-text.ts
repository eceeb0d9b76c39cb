const namesMax = 5

/** Some names for a person to read; of many the first, and how many more there are. */
export const namesText = (names: readonly string[]): string =>
  names.length > namesMax
    ? `${names.slice(0, namesMax).join(', ')} and ${names.length - namesMax} more`
    : names.join(', ')
