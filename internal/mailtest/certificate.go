package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"
)

// authority is a fresh certificate authority with what it signed: a
// certificate for this host, and one for another.
type authority struct {
	pool   *x509.CertPool
	pem    []byte
	server tls.Certificate
	other  tls.Certificate
}

func newAuthority() (authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return authority{}, err
	}
	root := template("mailtest authority")
	root.IsCA, root.BasicConstraintsValid = true, true
	root.KeyUsage = x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, root, root, key.Public(), key)
	if err != nil {
		return authority{}, err
	}
	if root, err = x509.ParseCertificate(der); err != nil {
		return authority{}, err
	}
	a := authority{
		pool: x509.NewCertPool(),
		pem:  pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
	}
	a.pool.AddCert(root)
	here := template("mail.test")
	here.DNSNames = []string{"localhost", "mail.test"}
	here.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	if a.server, err = sign(here, root, key); err != nil {
		return authority{}, err
	}
	elsewhere := template("elsewhere.test")
	elsewhere.DNSNames = []string{"elsewhere.test"}
	a.other, err = sign(elsewhere, root, key)
	return a, err
}

func template(name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
	}
}

func sign(cert, root *x509.Certificate, rootKey *ecdsa.PrivateKey) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	cert.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der, err := x509.CreateCertificate(rand.Reader, cert, root, key.Public(), rootKey)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
