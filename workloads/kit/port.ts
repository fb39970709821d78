/** A port: a number over TCP, or over UDP. */
export type Port = number | { readonly udp: number };
