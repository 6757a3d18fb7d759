// What a program in TypeScript does with types made from docs/openapi.yaml: it reads studies, and the compiler
// knows every field. Lines after "@ts-expect-error" must not compile.
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

declare const process: { argv: string[]; stdout: { write(text: string): void } };

const client = createClient<paths>({
  baseUrl: process.argv[2],
  querySerializer: { array: { style: "form", explode: false } }, // as the document says of fields and expand
});

const one = await client.GET("/api/v1/studies/{key}/", { params: { path: { key: "bruun2024" } } });
if (!one.data) throw new Error(one.error.detail);
const study = one.data;
const effect = study.outcomes?.[0]?.effect;
const value: string | null | undefined = effect?.value;
const year: number | null | undefined = study.year;
const day: string | undefined = study.as_of?.day;

// @ts-expect-error there is no such field
study.colour;
// @ts-expect-error a number that was printed is a text: 3.0 is not 3
const wrong: number | null | undefined = effect?.value;
// @ts-expect-error there is no such address
client.GET("/api/v1/nothing/");
// @ts-expect-error there is no such design
client.GET("/api/v1/studies/", { params: { query: { design: "guess" } } });

const list = await client.GET("/api/v1/studies/", {
  params: { query: { condition: "fibromyalgia", design_group: "randomised", fields: ["key", "title"] } },
});
const missing = await client.GET("/api/v1/studies/{key}/", { params: { path: { key: "nobody1999" } } });
const pooled = await client.POST("/api/v1/pool/", {
  body: { kind: "generic", measure: "MD", method: "DL", studies: [{ effect: 1, variance: 1 }] },
});

process.stdout.write(
  JSON.stringify({
    year,
    value,
    day,
    keys: list.data?.results?.map((row) => row.key),
    missing: missing.error?.status,
    estimate: pooled.data?.estimate,
  }),
);
