/**
 * The address of a server as an error or a log may repeat it: whatever stands before the last `@`, which may be a
 * password, is left out, however little the rest looks like an address.
 */
export const shownAddress = (address: string): string =>
  address.replace(/^([a-z]+:\/\/)?.*@/is, (_, scheme = '') => `${scheme}***@`)
