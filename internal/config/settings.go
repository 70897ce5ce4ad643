package config

// Settings is every setting as text, for kong to fill from flags; embed it in
// the struct of the command line. The tags of a field are its row in the table:
//
//	name     the flag; in upper case, after AUTHGRAPH_, the environment variable
//	def      the default, as one would write it
//	derived  words for a default that depends on other settings
//	range    the least and the greatest value
//	help     what it is
//	secret   values are masked, and a field with of:"NAME" reads them from a file
//	list     several values, with commas in between
//	empty    set but empty means none; elsewhere that is a mistake
//	path     a file or directory that must exist
type Settings struct {
	ConfigFile Value `name:"config" help:"File with settings: a JSON object whose keys are setting names in lower case without the prefix, as access_ttl."`
	Mode       Value `name:"mode" def:"development" help:"development serves this machine only, catches mail unless SMTP_URL is set and makes its own secret; production assumes nothing and needs SECRET, PUBLIC_URL, DATABASE_URL, SMTP_URL and MAIL_FROM."`

	Listen         Value `name:"listen" def:"localhost:8080" help:"Address of the public listener, host:port. Development takes loopback only."`
	AdminListen    Value `name:"admin-listen" def:"localhost:8081" help:"Address of the listener for health in detail and profiles, or off. Nobody is asked for a password there."`
	PublicURL      Value `name:"public-url" derived:"http://localhost:<port of LISTEN>" help:"Where browsers reach the server: scheme, host and port, and the path that a proxy in front gives it, if any. https in production. A host of its own is safer than a path."`
	ServiceName    Value `name:"service-name" def:"authgraph" help:"What letters and pages call the service."`
	AllowedOrigins Value `name:"allowed-origins" list:"" empty:"" help:"Origins besides PUBLIC_URL whose pages may call the API, as https://app.example.com, capacitor://localhost or chrome-extension://id. https://*.preview.example.com is every name of one label more. Development adds every port of localhost."`
	AllowedHeaders Value `name:"allowed-headers" list:"" empty:"" help:"Request headers that such pages may send besides those of GraphQL clients and of tracing, as x-tenant."`
	TrustedProxies Value `name:"trusted-proxies" list:"" empty:"" help:"Addresses or networks (10.0.0.0/8) of proxies whose X-Forwarded-For is believed."`

	Secret             Value `name:"secret" secret:"" derived:"made in DATA_DIR/secret" help:"What all keys are derived from: at least 32 random bytes, from openssl rand -base64 32."`
	SecretFile         Value `name:"secret-file" of:"SECRET" help:"File that holds SECRET."`
	SecretPrevious     Value `name:"secret-previous" secret:"" empty:"" help:"The secret that SECRET replaces, or the one that is to replace it; it opens and checks, but makes nothing."`
	SecretPreviousFile Value `name:"secret-previous-file" of:"SECRET_PREVIOUS" help:"File that holds SECRET_PREVIOUS."`

	DatabaseURL     Value  `name:"database-url" secret:"" derived:"sqlite:<DATA_DIR>/authgraph.db" help:"sqlite:path or postgres://user:password@host/name. Without sslmode, a host that is not this machine must show a good certificate (verify-full)."`
	DatabaseURLFile Value  `name:"database-url-file" of:"DATABASE_URL" help:"File that holds DATABASE_URL."`
	DatabasePool    Value  `name:"database-pool" def:"10" range:"2..1000" help:"Most connections to PostgreSQL at a time, or readers of SQLite."`
	DatabaseWait    Value  `name:"database-wait" derived:"30s in production, else 0s" range:"0s..10m" help:"How long a command waits for a database that is not there yet: refused, unreachable or starting up."`
	DatabasePrepare Switch `name:"database-prepare" def:"true" help:"Keep prepared statements. Switch off behind a pooler in transaction mode."`
	ListenURL       Value  `name:"listen-url" secret:"" empty:"" derived:"DATABASE_URL" help:"PostgreSQL for LISTEN, past a pooler that DATABASE_URL leads to."`
	ListenURLFile   Value  `name:"listen-url-file" of:"LISTEN_URL" help:"File that holds LISTEN_URL."`
	CallerCache     Switch `name:"caller-cache" def:"true" help:"Keep in memory who holds a token while changes by other replicas are heard of, so that requests cost no query."`
	DataDir         Value  `name:"data-dir" def:"./data" help:"Directory of the SQLite database and of development's secret."`

	SMTPURL       Value  `name:"smtp-url" secret:"" derived:"the mailbox on /dev/mailbox" help:"Mail server: smtp://user:password@host:port (STARTTLS required), smtps://… or smtp+insecure://host:port."`
	SMTPURLFile   Value  `name:"smtp-url-file" of:"SMTP_URL" help:"File that holds SMTP_URL."`
	MailFrom      Value  `name:"mail-from" derived:"<SERVICE_NAME> <no-reply@localhost>" help:"Sender of letters: Name <address>, or an address."`
	MailTemplates Value  `name:"mail-templates" empty:"" path:"directory" help:"Directory whose files replace templates of the same name."`
	ConfirmURL    Value  `name:"confirm-url" derived:"<PUBLIC_URL>/confirm" help:"Page that letters to confirm an address link to; the token and the address follow as #token=…&email=…."`
	ResetURL      Value  `name:"reset-url" derived:"<PUBLIC_URL>/reset" help:"Page that letters to reset a password link to."`
	LoginURL      Value  `name:"login-url" empty:"" help:"Page where people log in and sign up, for the hosted pages to lead there."`
	SignInNotice  Switch `name:"sign-in-notice" def:"false" help:"Send a letter after a login from an unknown device."`

	AccessTTL      Value `name:"access-ttl" def:"15m" range:"1s..1h" help:"Life of an access token: how long services that verify by JWKS alone believe in an ended session."`
	RefreshTTL     Value `name:"refresh-ttl" def:"14d" range:"2s..365d" help:"How long a session lives without being used."`
	SessionTTL     Value `name:"session-ttl" def:"30d" range:"2s..365d" help:"How long a session lives, used or not."`
	RefreshGrace   Value `name:"refresh-grace" def:"10s" range:"0s..1m" help:"How long the refresh token before the current one still yields the current one, for tabs that refresh at once."`
	ConfirmTTL     Value `name:"confirm-ttl" def:"24h" range:"1s..30d" help:"Life of a token that confirms an address."`
	ResetTTL       Value `name:"reset-ttl" def:"1h" range:"1s..24h" help:"Life of a token that resets a password."`
	RecentTTL      Value `name:"recent-ttl" def:"15m" range:"1s..24h" help:"How long a password that was just given counts as proof of presence."`
	APITokenTTL    Value `name:"api-token-ttl" def:"365d" range:"1s..3650d" help:"Life of an API token that asks for none, and the longest that one can ask for."`
	APITokenScopes Value `name:"api-token-scopes" list:"" empty:"" help:"Scopes for API tokens besides account:read, sessions:read and tokens:read, which always exist."`

	PasswordMinLength  Value  `name:"password-min-length" def:"8" range:"8..1024" help:"Fewest characters of a new password. 15 is advised where it is the only factor."`
	PasswordMaxLength  Value  `name:"password-max-length" def:"128" range:"64..1024" help:"Most characters of a password. Lowering it locks out whoever has a longer one."`
	PasswordHash       Value  `name:"password-hash" def:"argon2id:m=19456,t=2,p=1" help:"How new passwords are hashed: argon2id:m=19456,t=2,p=1 (KiB, passes, lanes), scrypt:n=131072,r=8,p=1 (cost, block size, lanes) or bcrypt:12 (cost); what is left out is as here. Others are replaced at login."`
	PasswordPepper     Value  `name:"password-pepper" secret:"" list:"" empty:"" help:"Keys that new hashes depend on, as id:base64 of at least 32 bytes; the first is used, the others still verify. A lost one loses its passwords."`
	PasswordPepperFile Value  `name:"password-pepper-file" of:"PASSWORD_PEPPER" help:"File that holds PASSWORD_PEPPER."`
	HashConcurrency    Value  `name:"hash-concurrency" def:"0" range:"0..1024" help:"Passwords hashed at a time; 0 is one less than the cores, and at least one."`
	SignUp             Value  `name:"sign-up" def:"open" help:"open: anybody may make an account by signUp. closed: signUp is refused, and authgraph user create makes accounts."`
	Usernames          Switch `name:"usernames" def:"true" help:"Allow accounts with a username and no address."`

	JWTAlgorithm Value `name:"jwt-algorithm" def:"ES256" help:"Signature of access tokens: ES256, EdDSA, RS256, or HS256, which no other service can verify. After a change, tokens of the algorithm before are good until they end."`
	KeyRotation  Value `name:"key-rotation" def:"90d" range:"1s..3650d" help:"Age at which the signing key is replaced."`
	Issuer       Value `name:"issuer" derived:"<PUBLIC_URL>" help:"iss of access tokens: an http or https URL."`
	Audience     Value `name:"audience" derived:"<PUBLIC_URL>" help:"aud of access tokens."`

	Introspection    Switch `name:"introspection" derived:"on in development" help:"Answer questions about the schema, and suggest names in errors."`
	Playground       Switch `name:"playground" derived:"on in development" help:"Serve GraphiQL on /."`
	Pages            Switch `name:"pages" def:"true" help:"Serve the pages that letters link to by default."`
	TrustedDocuments Value  `name:"trusted-documents" empty:"" path:"file" help:"File of the only operations that are answered."`

	LimitLogin  Value `name:"limit-login" def:"10/15m" help:"Wrong passwords for an account, as count/duration, or off."`
	LimitSignUp Value `name:"limit-sign-up" def:"60/1h" help:"Sign-ups from one source, as count/duration, or off."`
	LimitMail   Value `name:"limit-mail" def:"5/1h" help:"Letters of a kind to one address, as count/duration, or off."`

	LogLevel Value `name:"log-level" def:"info" help:"Least level that is logged: debug, info, warn or error."`
}
