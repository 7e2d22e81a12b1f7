/** What a quantity counts: codes of UN/ECE Recommendation 20. */
import * as v from 'valibot';

/** `C62` pieces, `KGM` kilograms, `LTR` litres, `MTR` metres, or another code of the list. */
export const Unit = v.pipe(
  v.string('must be a UN/ECE Rec 20 code'),
  v.regex(/^[A-Z0-9]{2,3}$/, 'must be a UN/ECE Rec 20 code, such as C62, KGM, LTR or MTR'),
);
