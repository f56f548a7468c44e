/** Whether the long cases run too, as they do before a release: `npm run test:long`. */
export const long = Boolean(process.env['PRECIS_LONG']);
