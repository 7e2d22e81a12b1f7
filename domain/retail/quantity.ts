/** How quantities are told. Without the schemas, which would fill the bundles of those that only add up. */

/** UN/ECE Rec 20's code of pieces: the unit where none is given. */
export const PIECES = 'C62';
/** Decimal places of a quantity. */
export const QUANTITY_PLACES = 3;
