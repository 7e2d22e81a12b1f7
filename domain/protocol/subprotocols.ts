/** The subprotocols of a handshake; apart from the frames, for a page opens a line without ever reading a store's frame. */

/** The subprotocol that a handshake selects. */
export const SUBPROTOCOL = 'storecast.v1';
/** Prefix of the subprotocol by which a client that can't set headers brings its token. */
export const BEARER_SUBPROTOCOL_PREFIX = 'bearer.';
/** Prefix of the subprotocol by which a line that can't set the header `Storecast-Line` names itself. */
export const LINE_SUBPROTOCOL_PREFIX = 'line.';
