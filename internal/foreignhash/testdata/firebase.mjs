// Writes firebase.json: hashes that the npm package firebase-scrypt made. See README.md.
import { randomBytes } from 'node:crypto'
import { FirebaseScrypt } from 'firebase-scrypt'

const parameters = {
  signerKey: randomBytes(64).toString('base64'), saltSeparator: 'Bw==', rounds: 8, memCost: 14,
}
const scrypt = new FirebaseScrypt(parameters)
const vectors = []
for (const password of ['correct horse battery staple', 'p\u00e4ssw\u00f6rd \u2603', 'x'.repeat(80)]) {
  const salt = randomBytes(8).toString('base64')
  vectors.push({ password, salt, passwordHash: await scrypt.hash(password, salt) })
}
const config = `hash_config {
  algorithm: SCRYPT,
  base64_signer_key: ${parameters.signerKey},
  base64_salt_separator: ${parameters.saltSeparator},
  rounds: ${parameters.rounds},
  mem_cost: ${parameters.memCost},
}
`
console.log(JSON.stringify({ config, vectors }, null, 1))
