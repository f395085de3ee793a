// Shows /openapi.json to people: one fold per method and address. Everything is put in as text, never as HTML.
"use strict";

const make = (tag, text, ...children) => {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  element.append(...children);
  return element;
};

const table = (rows) => make("table", "", make("tbody", "", ...rows.map((cells) =>
  make("tr", "", ...cells.map((cell) => make("td", "", cell))))));

function shape(schema, known, depth = 0) {
  if (!schema) return "any";
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    return depth > 3 ? name : shape(known[name], known, depth);
  }
  if (schema.anyOf) return schema.anyOf.map((one) => shape(one, known, depth)).join(" | ");
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === "array") return `[${shape(schema.items, known, depth + 1)}, …]`;
  if (schema.type === "object" && schema.properties) {
    const pad = "  ".repeat(depth + 1);
    const needed = new Set(schema.required ?? []);
    const lines = Object.entries(schema.properties).map(([name, part]) =>
      `${pad}${name}${needed.has(name) ? "" : "?"}: ${shape(part, known, depth + 1)}`);
    return `{\n${lines.join("\n")}\n${"  ".repeat(depth)}}`;
  }
  return schema.type ?? "any";
}

function body(title, content, known) {
  const [type, media] = Object.entries(content)[0];
  const found = [make("h3", `${title} (${type})`), make("pre", shape(media.schema, known))];
  if (media.example) found.push(make("h3", "For instance"), make("pre", JSON.stringify(media.example, null, 2)));
  return found;
}

function fold(path, method, door, known) {
  const summary = make("summary", "", make("span", method.toUpperCase()), make("code", path), make("span", door.summary));
  summary.firstChild.className = "method";
  const inside = make("div", "", make("p", door.description));
  inside.className = "inside";
  if (door.parameters.length) {
    inside.append(make("h3", "Parameters"), table(door.parameters.map((one) =>
      [make("code", one.name), `${one.in}${one.required ? ", required" : ""}. ${one.description}`])));
  }
  if (door.requestBody) inside.append(...body("Body", door.requestBody.content, known));
  for (const [status, answer] of Object.entries(door.responses)) {
    if (Number(status) < 300 && answer.content) inside.append(...body(`Answer ${status}`, answer.content, known));
  }
  const refusals = Object.entries(door.responses).filter(([status]) => Number(status) >= 400);
  inside.append(make("h3", "Refusals: {code, message, details}"), table(refusals.map(([status, answer]) =>
    [make("code", status), answer.description])));
  const whole = make("details", "", summary, inside);
  whole.dataset.words = `${method} ${path} ${door.summary} ${door.tags.join(" ")}`.toLowerCase();
  return whole;
}

function show(description) {
  const sections = new Map();
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, door] of Object.entries(methods)) {
      const tag = door.tags[0];
      if (!sections.has(tag)) sections.set(tag, make("section", "", make("h2", tag)));
      sections.get(tag).append(fold(path, method, door, description.components.schemas));
    }
  }
  document.getElementById("doors").replaceChildren(...sections.values());
}

function filter(words) {
  for (const section of document.querySelectorAll("section")) {
    const folds = [...section.querySelectorAll("details")];
    for (const one of folds) one.hidden = !one.dataset.words.includes(words);
    section.hidden = folds.every((one) => one.hidden);
  }
}

document.getElementById("filter").addEventListener("input", (event) => filter(event.target.value.trim().toLowerCase()));
fetch("/openapi.json")
  .then((response) => response.ok ? response.json() : Promise.reject(new Error(`the server answered ${response.status}`)))
  .then(show)
  .catch((error) => document.getElementById("doors").replaceChildren(make("p", `Could not load openapi.json: ${error.message}`)));
