/** What an offer gives and on what conditions, in the words of a price tag. */
import type { Discount, RetailOffer } from '../../domain/retail/offer.ts';
import { PIECES, QUANTITY_PLACES } from '../../domain/retail/quantity.ts';

const percentage = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 2 });

type Money = (amount: number, currency: string) => string;
export type Terms = Pick<
  RetailOffer,
  'discount' | 'buy' | 'bundle' | 'minimum' | 'member' | 'coupon' | 'hours' | 'combinable'
>;

/** `3 for 2`, `2 for €5.00`, `-20%`, `-€0.50`, `each €0.99`, `buy 2, get 1 -50%` */
export function offerGives({ discount, buy, bundle }: Terms, money: Money): string {
  if (bundle !== undefined) return `${bundle.quantity} for ${money(bundle.price, bundle.currency)}`;
  const off = discount === undefined ? '' : discountWords(discount, money);
  if (buy === undefined) return off;
  if (discount !== undefined && 'percent' in discount && discount.percent === 100) {
    return `${buy.quantity + buy.get} for ${buy.quantity}`;
  }
  return `buy ${buy.quantity}, get ${buy.get} ${off}`;
}

/** What must be so for it to hold; empty if nothing. */
export function offerConditions(
  { minimum, member, coupon, hours = [], combinable }: Terms,
  money: Money,
): string[] {
  return [
    ...(minimum === undefined ? [] : [`from ${money(minimum.amount, minimum.currency)} on`]),
    ...(member === true ? ['for members'] : []),
    ...(coupon === undefined ? [] : [`with coupon ${coupon}`]),
    ...hours.map(({ days = [], from, to }) => {
      const isAllDay = from === '00:00' && to === '24:00';
      return [...days, ...(isAllDay ? [] : [`${from}–${to}`])].join(' ');
    }),
    ...(combinable === true ? ['combinable'] : []),
  ];
}

/** In percent. */
const LARGEST_DISCOUNT = 50;

/** What of an offer looks like a slip of the pen; undefined where nothing does. */
export function oddOffer({ discount, bundle, buy }: Partial<Terms>): string | undefined {
  if (bundle?.price === 0) return 'free of charge';
  if (discount === undefined || buy !== undefined) return undefined;
  if ('percent' in discount && discount.percent > LARGEST_DISCOUNT) return 'a large discount';
  return 'price' in discount && discount.price === 0 ? 'free of charge' : undefined;
}

function discountWords(discount: Discount, money: Money): string {
  if ('percent' in discount) return percentage.format(-discount.percent / 100);
  if ('price' in discount) return `each ${money(discount.price, discount.currency)}`;
  return money(-discount.amount, discount.currency);
}

/** Units as tills and labels abbreviate them; others by their code of UN/ECE Rec 20. */
const UNITS: Record<string, string> = { KGM: 'kg', GRM: 'g', LTR: 'l', MTR: 'm' };

/** `12.482 kg`, `7 pieces` */
export function quantityWords(quantity: number, unit: string): string {
  const text = quantity.toLocaleString(undefined, { maximumFractionDigits: QUANTITY_PLACES });
  if (unit !== PIECES) return `${text} ${UNITS[unit] ?? unit}`;
  return `${text} ${quantity === 1 ? 'piece' : 'pieces'}`;
}

/** `€12.99 / kg`; of pieces the price alone. */
export function priceWords(
  { amount, currency, unit }: { amount: number; currency: string; unit?: string | undefined },
  money: Money,
): string {
  const price = money(amount, currency);
  return unit === undefined || unit === PIECES ? price : `${price} / ${UNITS[unit] ?? unit}`;
}
