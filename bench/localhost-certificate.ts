/**
 * A certificate for `localhost` and its key, for servers that live as long as a benchmark or a test. It was made for this
 * file, nobody trusts it by himself, and it protects nothing.
 */
export const localhostCertificate = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgm5bGos8Hy1Gx5lTj
e2i7QkhkYCSbZJaoCGj2m/X3i9GhRANCAAQ0JBqvQ71Zx8FHtsdmgX3tR+XhsiiX
eM6vfeMFv7HH/diA3iq5U3tCNBqWRMuiT0WeGL07VpMS7gonfMJBxZij
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBmTCCAUGgAwIBAgIUJozf+ZpreoG7uvA+WzrqWjG1MxswCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjE1NDEwOFoYDzIxMjYxMDI5
MTU0MTA4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQ0JBqvQ71Zx8FHtsdmgX3tR+XhsiiXeM6vfeMFv7HH/diA3iq5U3tC
NBqWRMuiT0WeGL07VpMS7gonfMJBxZijo28wbTAdBgNVHQ4EFgQUfPwoWTZ2+o+R
sO8LHqw9rMiLnuMwHwYDVR0jBBgwFoAUfPwoWTZ2+o+RsO8LHqw9rMiLnuMwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRgAwQwIgd6ZDHTCgovuw5zApQ54Dy07q18yApiaEwV8nieyUTjMCH1L9
aGYIiDOHQWU7C2WdT6DVkDvHiV/Q2HS9IU8naWY=
-----END CERTIFICATE-----
`,
};
