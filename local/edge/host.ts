/**
 * DNS rebinding: a web page's own name may be pointed at 127.0.0.1, and its browser then sends the page's requests here
 * as to the page's own server. The Host header tells them apart: the name is still the page's.
 */
export function isThisMachine(host: string | undefined): boolean {
  const name = /^(\[[^\]]*\]|[^:[\]]+)(?::\d*)?$/.exec(host ?? '')?.[1]?.toLowerCase() ?? '';
  return name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name) || /^(?:.+\.)?localhost$/.test(name);
}
