/**
 * DynamoDB's expressions, written with attributes and values in place of names: a name may be a reserved word, and a
 * value needs its type. The tag `expression` takes both, and other expressions:
 *
 *     expression`SET ${lastSeenAt.is(now)}, ${total} = ${total} + ${total.value(1)}`
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Codec } from './codecs.ts';

/** An attribute, or a member of a map within one. */
export interface Path {
  readonly path: readonly string[];
}

/** A value as an attribute of its type holds it. */
export interface Value {
  readonly value: AttributeValue;
}

export interface Expression {
  readonly texts: readonly string[];
  readonly parts: readonly (Path | Value | Expression)[];
}

export function expression(texts: TemplateStringsArray, ...parts: Expression['parts']): Expression {
  return { texts, parts };
}

/** @param separator `, ` between the assignments of a SET, ` AND ` between conditions */
export function join(expressions: readonly Expression[], separator: string): Expression {
  const between = Array.from({ length: Math.max(0, expressions.length - 1) }, () => separator);
  return { texts: ['', ...between, ''], parts: expressions };
}

/** A value that belongs to no attribute. */
export function literal<T>({ encode }: Codec<T>, value: T): Value {
  return { value: encode(value) };
}

/** The parameters of one request: each expression's text, and the names and values of all of them. */
export function compile<Name extends string>(
  expressions: { [N in Name]?: Expression | undefined },
): {
  [N in Name]?: string;
} & {
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, AttributeValue>;
} {
  const placeholders = new Placeholders();
  const given = Object.entries(expressions) as [Name, Expression | undefined][];
  const texts = given.flatMap(([name, one]) => (one === undefined ? [] : [[name, placeholders.textOf(one)]]));
  const { names, values } = placeholders;
  return {
    ...Object.fromEntries(texts),
    ...(names.size > 0 && {
      ExpressionAttributeNames: Object.fromEntries([...names].map(([name, key]) => [key, name])),
    }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}

class Placeholders {
  readonly names = new Map<string, string>();
  readonly values: Record<string, AttributeValue> = {};
  #valueCount = 0;

  textOf({ parts, texts }: Expression): string {
    return texts.reduce((text, next, index) => {
      const part = parts[index - 1];
      return text + (part === undefined ? '' : this.#textOfPart(part)) + next;
    });
  }

  #textOfPart(part: Expression['parts'][number]): string {
    if ('path' in part) return part.path.map(name => this.#nameOf(name)).join('.');
    return 'value' in part ? this.#valueOf(part.value) : this.textOf(part);
  }

  #nameOf(name: string): string {
    const known = this.names.get(name) ?? `#${this.names.size}`;
    this.names.set(name, known);
    return known;
  }

  #valueOf(value: AttributeValue): string {
    const placeholder = `:${this.#valueCount}`;
    this.#valueCount += 1;
    this.values[placeholder] = value;
    return placeholder;
  }
}
