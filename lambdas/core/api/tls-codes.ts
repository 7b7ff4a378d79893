/**
 * True if an error code of OpenSSL or Node says that a certificate is not trusted, or that the other side speaks no
 * TLS.
 */
export function isUntrustedCode(code: string): boolean {
  return /CERT|SELF_SIGNED|LEAF_SIGNATURE|^ERR_(TLS|SSL)_/.test(code);
}
