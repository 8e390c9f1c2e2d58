// Call the distributor API. Node.js 18 or newer, nothing to install.
import { createHash, createHmac, randomBytes } from "node:crypto";

async function call(method, path, query = "", body = "") {
  const timestamp = Math.floor(Date.now() / 1000).toString();
  const nonce = randomBytes(16).toString("hex");
  const digest = createHash("sha256").update(body).digest("hex");
  const text = [method, path, query, timestamp, nonce, digest].join("\n");
  const signature = "v1=" + createHmac("sha256", process.env.HUOPAN_SECRET).update(text).digest("hex");
  const headers = {
    "Huopan-Key": process.env.HUOPAN_KEY, "Huopan-Timestamp": timestamp,
    "Huopan-Nonce": nonce, "Huopan-Signature": signature, "Content-Type": "application/json",
  };
  const url = process.env.HUOPAN_URL + path + (query ? "?" + query : "");
  const answer = await fetch(url, { method, headers, body: body || undefined });
  return answer.text();
}

console.log(await call("POST", "/api/v1/auth/echo", "q=%E8%8C%B6", '{"name": "茶"}'));
