/**
 * The options of one dial, in which TLS knows whom it dials. The client tells it names only: of an address it would look
 * for `localhost` in the certificate.
 * @param {import('nats').ConnectionOptions} options
 * @param {string} host
 * @returns {import('nats').ConnectionOptions}
 */
export const certifiedHost = (options, host) =>
  options.tls === null
    ? options
    : { ...options, tls: /** @type {import('nats').TlsOptions} */ ({ ...options.tls, host }) }
