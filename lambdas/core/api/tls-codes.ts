/** Whether an error's code says that a certificate is not trusted, or that the other side speaks no TLS. Codes of OpenSSL and Node. */
export function isUntrustedCode(code: string): boolean {
  return /CERT|SELF_SIGNED|LEAF_SIGNATURE|^ERR_(TLS|SSL)_/.test(code);
}
