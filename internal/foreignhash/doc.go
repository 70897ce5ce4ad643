// Package foreignhash reads password hashes as other programs write them, and
// writes each in the one form that package password verifies.
//
//	translate.go  which form a text has
//	phc.go        the normal forms, and passlib's spelling of them
//	django.go     Django
//	werkzeug.go   Werkzeug (Flask)
//	crypt7.go     scrypt as $7$, of libsodium and passlib
//	aspnet.go     ASP.NET Identity, versions 2 and 3
//	keycloak.go   credentialData and secretData of Keycloak
//	firebase.go   Firebase's scrypt
//	fast.go       MD5, SHA-1 and SHA-2, as they are described; LDAP
//
// It does no mathematics, so it needs no bounds: package password refuses what
// would cost too much or too little before it stores anything. No error quotes a
// hash or a salt.
//
// The normal forms are PHC strings. Salt and digest are in base64.
//
//	$argon2id$v=19$m=19456,t=2,p=1$salt$digest   also argon2i
//	$scrypt$ln=15,r=8,p=1$salt$digest
//	$scrypt-aes$ln=14,r=8,p=1$salt$stream        Firebase, without the signer key
//	$pbkdf2-sha256$i=600000$salt$digest          also sha1 and sha512
//	$2b$12$…                                     bcrypt's own, also 2a and 2y
//	$bcrypt-sha256$v=2,t=2b,r=12$…$…             passlib's own
//	$bcrypt-sha256-hex$v=1$2b$12$…               Django's
//	$fast$f=md5,s=after$salt$digest              must not be stored like this
package foreignhash
