SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE public.api_token (
    name text NOT NULL,
    token_hash bytea NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    roles jsonb NOT NULL,
    server_labels jsonb DEFAULT '{}'::jsonb NOT NULL,
    last_used_at timestamp with time zone,
    CONSTRAINT api_token_admin_of_the_fleet CHECK (((NOT (roles @> '["ADMIN"]'::jsonb)) OR (server_labels = '{}'::jsonb))),
    CONSTRAINT api_token_has_a_role CHECK ((roles <> '[]'::jsonb))
);

CREATE TABLE public.authority (
    name text NOT NULL,
    certificate_chain text,
    private_key bytea NOT NULL,
    key_type text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    kind text DEFAULT 'ROOT'::text NOT NULL,
    state text DEFAULT 'ACTIVE'::text NOT NULL,
    parent text,
    policy jsonb DEFAULT '{"keyTypes": [], "maxValidity": "PT19800H", "permittedNames": []}'::jsonb NOT NULL,
    accepted jsonb DEFAULT '[]'::jsonb NOT NULL,
    signing_request text,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    trust_bundle text
);

CREATE TABLE public.authority_rotation (
    authority text NOT NULL,
    certificate_chain text NOT NULL,
    private_key bytea NOT NULL,
    key_type text NOT NULL,
    promoted boolean DEFAULT false NOT NULL,
    began_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.certificate (
    id uuid NOT NULL,
    authority text,
    server_id uuid,
    serial text NOT NULL,
    fingerprint text NOT NULL,
    subject_names jsonb NOT NULL,
    not_before timestamp with time zone NOT NULL,
    not_after timestamp with time zone NOT NULL,
    pem text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    purpose text DEFAULT 'SERVER'::text NOT NULL,
    subject text DEFAULT ''::text NOT NULL,
    requested_by text,
    revoked_at timestamp with time zone,
    revocation_reason text
);

CREATE TABLE public.certificate_installation (
    certificate_id uuid NOT NULL,
    server_id uuid NOT NULL,
    generation text NOT NULL,
    directory text NOT NULL,
    installed_at timestamp with time zone NOT NULL
);

CREATE TABLE public.client_trust (
    server_id uuid NOT NULL,
    authority text NOT NULL,
    crl_sha256 text,
    attempted_at timestamp with time zone,
    since timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.flyway_schema_history (
    installed_rank integer NOT NULL,
    version character varying(50),
    description character varying(200) NOT NULL,
    type character varying(20) NOT NULL,
    script character varying(1000) NOT NULL,
    checksum integer,
    installed_by character varying(100) NOT NULL,
    installed_on timestamp without time zone DEFAULT now() NOT NULL,
    execution_time integer NOT NULL,
    success boolean NOT NULL
);

CREATE TABLE public.hba_revision (
    id uuid NOT NULL,
    server_id uuid NOT NULL,
    number integer NOT NULL,
    author text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    sha256 text NOT NULL,
    content bytea NOT NULL,
    kind text NOT NULL,
    summary text NOT NULL,
    edits bytea NOT NULL
);

CREATE TABLE public.job (
    id uuid NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    request jsonb NOT NULL,
    requested_by text NOT NULL,
    cancelled_by text,
    problem jsonb,
    fence bigint DEFAULT 0 NOT NULL,
    last_event_id bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone
);

CREATE TABLE public.job_event (
    job_id uuid NOT NULL,
    id bigint NOT NULL,
    "time" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    type text NOT NULL,
    actor text NOT NULL,
    data jsonb NOT NULL
);

CREATE TABLE public.job_server (
    job_id uuid NOT NULL,
    server_id uuid NOT NULL,
    unfinished boolean DEFAULT true NOT NULL
);

CREATE TABLE public.job_step (
    job_id uuid NOT NULL,
    "position" integer NOT NULL,
    server text,
    kind text NOT NULL,
    description text NOT NULL,
    state text NOT NULL,
    observed jsonb NOT NULL,
    problem jsonb,
    undo bytea,
    started_at timestamp with time zone,
    finished_at timestamp with time zone
);

CREATE TABLE public.renewal (
    server_id uuid NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    renew_at double precision DEFAULT 0.66666667 NOT NULL,
    authority text,
    key_type text NOT NULL,
    validity_seconds bigint NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    failures_total bigint DEFAULT 0 NOT NULL,
    last_problem text,
    last_attempt_at timestamp with time zone,
    last_renewed_at timestamp with time zone,
    next_attempt_at timestamp with time zone,
    job_id uuid
);

CREATE TABLE public.revocation_list (
    issuer text NOT NULL,
    authority text NOT NULL,
    number bigint NOT NULL,
    der bytea NOT NULL,
    this_update timestamp with time zone NOT NULL,
    next_update timestamp with time zone NOT NULL,
    canary_chain text NOT NULL,
    canary_key bytea NOT NULL
);

CREATE TABLE public.revoked_certificate (
    authority text NOT NULL,
    issuer text NOT NULL,
    serial text NOT NULL,
    certificate_id uuid,
    not_after timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone NOT NULL,
    reason text NOT NULL,
    revoked_by text NOT NULL
);

CREATE TABLE public.scheduled_tasks (
    task_name text NOT NULL,
    task_instance text NOT NULL,
    task_data bytea,
    execution_time timestamp with time zone NOT NULL,
    picked boolean NOT NULL,
    picked_by text,
    last_success timestamp with time zone,
    last_failure timestamp with time zone,
    consecutive_failures integer,
    last_heartbeat timestamp with time zone,
    version bigint NOT NULL,
    priority smallint
);

CREATE TABLE public.served_certificate (
    server_id uuid NOT NULL,
    fingerprint text NOT NULL,
    issuer text NOT NULL,
    not_before timestamp with time zone NOT NULL,
    not_after timestamp with time zone NOT NULL,
    observed_at timestamp with time zone NOT NULL
);

CREATE TABLE public.server (
    id uuid NOT NULL,
    name text NOT NULL,
    host text NOT NULL,
    port integer NOT NULL,
    database text NOT NULL,
    username text NOT NULL,
    password bytea NOT NULL,
    ssl_mode text NOT NULL,
    ssl_root_certificate text,
    endpoints jsonb NOT NULL,
    labels jsonb NOT NULL,
    desired_mode text,
    revision bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
);

CREATE TABLE public.server_lock (
    server_id uuid NOT NULL,
    lease uuid NOT NULL,
    owner text NOT NULL,
    operation text NOT NULL,
    acquired_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

INSERT INTO public.api_token VALUES ('bootstrap', '\xe5433d8af150460f3b5e6d9e1ccf122f85fa32b59b6cb6f7a1e09a84b980de3c', 'pgseal', '2026-11-24 17:15:02.303705+00', NULL, '["ADMIN"]', '{}', '2026-11-24 17:15:03.718617+00');
INSERT INTO public.api_token VALUES ('pipeline', '\x90b4999eed268020d55e1b5ed4aae8313b6c5b440aa6fe7f24737edf2dbecf54', 'bootstrap', '2026-11-24 17:15:04.238877+00', NULL, '["OPERATOR"]', '{}', '2026-11-24 17:15:09.08324+00');

INSERT INTO public.authority VALUES ('internal', '-----BEGIN CERTIFICATE-----
MIIBjjCCATSgAwIBAgIRAK8sbyOfywWQjwh6lBX+sfcwCgYIKoZIzj0EAwIwFjEU
MBIGA1UEAwwLaW50ZXJuYWwgQ0EwHhcNMjYxMTI0MTcxMDA1WhcNMzYxMTIxMTcx
NTA1WjAWMRQwEgYDVQQDDAtpbnRlcm5hbCBDQTBZMBMGByqGSM49AgEGCCqGSM49
AwEHA0IABGnhm7viexjvh9rZ4OJB3g2p9h0P0RzpX1WrubYgsUIPDozMD6FaiFrc
QgIYmngYLepT4jNwedWH8glrOCqTnYujYzBhMB0GA1UdDgQWBBTKENUOIojwxaq9
P0LiEE0GeheoUDAfBgNVHSMEGDAWgBTKENUOIojwxaq9P0LiEE0GeheoUDAPBgNV
HRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIBBjAKBggqhkjOPQQDAgNIADBFAiEA
h/ruiv9whCDpWZLsUVZY4sEulUVGECboJ2fL6k84EaoCIE71FyYdjS3aikIp75co
0ij+ANJd8zTJu7emHwri9pVN
-----END CERTIFICATE-----
', '\x01e04204fa4da2d10f3e1c61c680c47065614d8286681eb6cfefd27abf86d74788cd1765c474f7a835b0aa910b374100e8a3a4699b57d525caf99113cc74657ce082bc1bb0c04d4d61681aaa96e3b8432c6b818b48d99713c151fe648ab98b5d8118c6462904b592afed60307015e3df2f5d1785a737ae23e57f284726a69c33e05276ec5a004634eafde13097b56206dbe58b6fd5e9efc828871d0ebcfa7ee3c883b8b8c29541b4f24bb0222b9083ca6a77509d852da3301df312059e28b8c3ec9d518d807df24cdb500eafa3d0107ce5644d24287f0ec60d1273883c5949f0e609c53f8141b51b2cdd2852849b13d9aea28888ff9c0290bd84f8efdf59704ea607b8c6f427a1a2383996b3d69fc7e052c28820e4fe7eef2f801a9d4e9b0fee825ef6', 'ECDSA_P256', '2026-11-24 17:15:05.831877+00', 'ROOT', 'ACTIVE', NULL, '{"keyTypes": [], "maxValidity": "PT19800H", "permittedNames": []}', '[]', NULL, '{}', NULL);
INSERT INTO public.authority VALUES ('rotating', '-----BEGIN CERTIFICATE-----
MIIBjTCCATOgAwIBAgIQOtcKme2kzb5hTp6GhZXNRTAKBggqhkjOPQQDAjAWMRQw
EgYDVQQDDAtyb3RhdGluZyBDQTAeFw0yNjExMjQxNzEwMDZaFw0zNjExMjExNzE1
MDZaMBYxFDASBgNVBAMMC3JvdGF0aW5nIENBMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEgiLaYCXE/DgWU309q4asPjpIAMKk8cm/fLKcYXFpyTlsi1h7dKqbADEI
9RiZUUGDr26BvnaSLxdbShfsNTMR2aNjMGEwHQYDVR0OBBYEFEbwEMUTE/+h6Dpo
Fb6IpowMT3UyMB8GA1UdIwQYMBaAFEbwEMUTE/+h6DpoFb6IpowMT3UyMA8GA1Ud
EwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgEGMAoGCCqGSM49BAMCA0gAMEUCIQDG
81sDx6HXXVYVG33LF+FwAQiT2Fwx6/3Jz3lziedlqgIgJWvkZUDXlWP3CXLbcrXU
X6Jiy5nlrVD163+jmXLXoVw=
-----END CERTIFICATE-----
', '\x01e04204fac26573223a2bfaf3c0aa2bb9cd89f51d5a239aa6bccdeaf66ec71ad8717b62c9b0067a9f00ef189b98edf5eda2f09ad2b00bbbd9e1aeff02faa02a80e42ab540d8d517ca8107c00048ad7ec01dd8702518d716e67af4b9ec4e491ea49395e3afa3cc09a5bda79342d31d810c8f7060a635b0dcc409ba5609cd7bcbebc20455bdd33b254306f52dea3c308f9d50af3bdcd2265ba5fd29aad5cf6eedd21fbaccdf87a0503ed64132a36f30f5994a5acb17a42a86cac4d6edc7eb9e9394763a9a5c1c66e627c8b2531edb077b6e41fa25a6b415cbc23e5bd4402ab13836c66f477efc49ab4050a110341f768af9f56a2edc57815098aa8ef4d0a6f6b1e3b70a8bebf1e50afdf4df72c9403065c7d04f3b0d2a1da1098848d703a0c61da39a68', 'ECDSA_P256', '2026-11-24 17:15:06.607302+00', 'ROOT', 'ACTIVE', NULL, '{"keyTypes": [], "maxValidity": "PT19800H", "permittedNames": []}', '[]', NULL, '{}', NULL);

INSERT INTO public.authority_rotation VALUES ('rotating', '-----BEGIN CERTIFICATE-----
MIIBlDCCATqgAwIBAgIRAMPvIPNFibwTk2SLAsSLOAIwCgYIKoZIzj0EAwIwGTEX
MBUGA1UEAwwOcm90YXRpbmcgQ0EgRzIwHhcNMjYxMTI0MTcxMDA3WhcNMzYxMTIx
MTcyMDA3WjAZMRcwFQYDVQQDDA5yb3RhdGluZyBDQSBHMjBZMBMGByqGSM49AgEG
CCqGSM49AwEHA0IABMkBlxcqpLlVv/9Qc+F/IOYNvxSGrY+H9F0cqNarGz6fQxY8
dXHWtuoDLvE3D/c2wKktHwfsFDh0E+y59XQVuXCjYzBhMB0GA1UdDgQWBBSjs6jW
LhR4fllq9nGVcFt/uttCrzAfBgNVHSMEGDAWgBSjs6jWLhR4fllq9nGVcFt/uttC
rzAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIBBjAKBggqhkjOPQQDAgNI
ADBFAiBbYQkLcnGwHFPPcdeScQ7eN4FtjSiiZo+7azmOTPKcLQIhAPOItAeK5Ytk
kWj7CN5n2NVl1bq7yjVVMpqfzMLGt/K+
-----END CERTIFICATE-----
', '\x01e04204fabb39f0e43adbe7b5a4faa34f218e632c7be67b321efdcf42cd4c45a22762c4b468d86f912ac02d13aa36195d270f8dc6ce033f6a97f6973006e0aa158bf5ae3b425ac6bb52896bcc233b969eb4863b4695d3d9fd9d6666771cb079775d5c26fa58f75aa02d63e79b0212ebc6846c56e4f292b8f24ff11d0febe326610b353d7882c3637655d298d025cc067127b5e246c951d611ff70154792a36357d8a1ff795f66eb407b56eb9f051e3bad300fd3285e28b915171f7f2e27d2a5beb25a93d22d5e392bed6c898d3ee01e89ea8b2cc5ffca14f673bc2d28f401e310723d5c517c3fc4e70118e4d026a4ed0f254ada29084179facfec503c2a3b3db19543ff362ef910c3579f6fe208118ca13f68c881a0f53fc093640a1353780afb54f4', 'ECDSA_P256', false, '2026-11-24 17:15:07.671612+00');

INSERT INTO public.flyway_schema_history VALUES (1, '1', 'control database', 'SQL', 'db/migration/V1__control_database.sql', -1672449477, 'postgres', '2026-11-24 17:14:59.131984', 145, true);
INSERT INTO public.flyway_schema_history VALUES (2, '2', 'issuing', 'SQL', 'db/migration/V2__issuing.sql', -1826299095, 'postgres', '2026-11-24 17:14:59.529837', 26, true);
INSERT INTO public.flyway_schema_history VALUES (3, '3', 'certificate lifecycle', 'SQL', 'db/migration/V3__certificate_lifecycle.sql', 551684135, 'postgres', '2026-11-24 17:14:59.582169', 32, true);
INSERT INTO public.flyway_schema_history VALUES (4, '4', 'roles', 'SQL', 'db/migration/V4__roles.sql', -1330646221, 'postgres', '2026-11-24 17:14:59.63155', 8, true);

INSERT INTO public.job VALUES ('a8869926-49e3-4241-864a-3abb1855a159', 'authority-rotation', 'AWAITING_APPROVAL', '{"keyType": "ECDSA_P256", "serving": [], "streams": {}, "trusting": [], "validity": "PT87600H5M", "authority": "rotating", "commonName": "rotating CA G2"}', 'bootstrap', NULL, NULL, 1, 8, '2026-11-24 17:15:07.227368+00', '2026-11-24 17:15:07.468952+00', NULL);
INSERT INTO public.job VALUES ('bc307fcc-ef94-4e32-9121-d69303b460a3', 'rollout', 'RUNNING', '{"request": {"target": "ENFORCED", "servers": ["orders"], "authority": "internal"}, "primaries": {}}', 'pipeline', NULL, NULL, 1, 3, '2026-11-24 17:15:09.167817+00', '2026-11-24 17:15:09.221315+00', NULL);

INSERT INTO public.job_event VALUES ('a8869926-49e3-4241-864a-3abb1855a159', 1, '2026-11-24 17:15:07.323023+00', 'job', 'bootstrap', '{"state": "PENDING"}');
INSERT INTO public.job_event VALUES ('a8869926-49e3-4241-864a-3abb1855a159', 2, '2026-11-24 17:15:07.476297+00', 'job', 'pgseal', '{"state": "RUNNING"}');
INSERT INTO public.job_event VALUES ('a8869926-49e3-4241-864a-3abb1855a159', 3, '2026-11-24 17:15:07.651993+00', 'step', 'pgseal', '{"kind": "CREATE_AUTHORITY", "state": "RUNNING", "server": null, "position": 0, "description": "Make the new generation of rotating; its bundle holds both from now on"}');
INSERT INTO public.job_event VALUES ('a8869926-49e3-4241-864a-3abb1855a159', 4, '2026-11-24 17:15:07.841209+00', 'step', 'pgseal', '{"kind": "CREATE_AUTHORITY", "state": "DONE", "server": null, "observed": {"subject": "CN=rotating CA G2", "notAfter": "2036-11-21T17:20:07Z", "fingerprint": "8ee4f84ad73d13484bb43eb608d9e1be9afbae93545525a8e51ef2851e021fe2"}, "position": 0, "description": "Make the new generation of rotating; its bundle holds both from now on"}');
INSERT INTO public.job_event VALUES ('a8869926-49e3-4241-864a-3abb1855a159', 5, '2026-11-24 17:15:07.858633+00', 'step', 'pgseal', '{"kind": "CHECK_TRUST", "state": "RUNNING", "server": null, "position": 1, "description": "See both generations trusted everywhere"}');
INSERT INTO public.job_event VALUES ('a8869926-49e3-4241-864a-3abb1855a159', 6, '2026-11-24 17:15:07.892496+00', 'step', 'pgseal', '{"kind": "CHECK_TRUST", "state": "DONE", "server": null, "observed": {"clients": [], "streams": {}}, "position": 1, "description": "See both generations trusted everywhere"}');
INSERT INTO public.job_event VALUES ('a8869926-49e3-4241-864a-3abb1855a159', 7, '2026-11-24 17:15:07.896026+00', 'step', 'pgseal', '{"kind": "CONFIRM_TRUST", "state": "RUNNING", "server": null, "position": 2, "description": "Wait for :continue, once every client has the new bundle (GET /v1/authorities/rotating/bundle)"}');
INSERT INTO public.job_event VALUES ('a8869926-49e3-4241-864a-3abb1855a159', 8, '2026-11-24 17:15:07.913027+00', 'job', 'pgseal', '{"state": "AWAITING_APPROVAL", "observed": {"waitsFor": ":continue, or :cancel to go back"}, "position": 2}');
INSERT INTO public.job_event VALUES ('bc307fcc-ef94-4e32-9121-d69303b460a3', 1, '2026-11-24 17:15:09.172844+00', 'job', 'pipeline', '{"state": "PENDING"}');
INSERT INTO public.job_event VALUES ('bc307fcc-ef94-4e32-9121-d69303b460a3', 2, '2026-11-24 17:15:09.235182+00', 'job', 'pgseal', '{"state": "RUNNING"}');
INSERT INTO public.job_event VALUES ('bc307fcc-ef94-4e32-9121-d69303b460a3', 3, '2026-11-24 17:15:09.29447+00', 'step', 'pgseal', '{"kind": "PREFLIGHT", "state": "RUNNING", "server": "orders", "position": 0, "description": "Check orders before anything is changed"}');

INSERT INTO public.job_server VALUES ('bc307fcc-ef94-4e32-9121-d69303b460a3', 'ae1f5eef-e7c8-43fa-94fd-db43ed90f044', true);

INSERT INTO public.job_step VALUES ('a8869926-49e3-4241-864a-3abb1855a159', 3, NULL, 'PROMOTE_AUTHORITY', 'Let the new generation sign from now on', 'PENDING', '{}', NULL, NULL, NULL, NULL);
INSERT INTO public.job_step VALUES ('a8869926-49e3-4241-864a-3abb1855a159', 4, NULL, 'CHECK_SERVED', 'See that every server serves the new generation''s', 'PENDING', '{}', NULL, NULL, NULL, NULL);
INSERT INTO public.job_step VALUES ('a8869926-49e3-4241-864a-3abb1855a159', 5, NULL, 'CONFIRM_SERVED', 'Wait for :continue before the old generation is withdrawn', 'PENDING', '{}', NULL, NULL, NULL, NULL);
INSERT INTO public.job_step VALUES ('a8869926-49e3-4241-864a-3abb1855a159', 6, NULL, 'CHECK_NOTHING_LEFT', 'See that nothing is left that stands below the old generation', 'PENDING', '{}', NULL, NULL, NULL, NULL);
INSERT INTO public.job_step VALUES ('a8869926-49e3-4241-864a-3abb1855a159', 7, NULL, 'RETIRE_AUTHORITY', 'Forget the old generation and remove the old keys', 'PENDING', '{}', NULL, NULL, NULL, NULL);
INSERT INTO public.job_step VALUES ('a8869926-49e3-4241-864a-3abb1855a159', 0, NULL, 'CREATE_AUTHORITY', 'Make the new generation of rotating; its bundle holds both from now on', 'DONE', '{"subject": "CN=rotating CA G2", "notAfter": "2036-11-21T17:20:07Z", "fingerprint": "8ee4f84ad73d13484bb43eb608d9e1be9afbae93545525a8e51ef2851e021fe2"}', NULL, '\x01e04204fa816699efeb2ebf993eec7a07d227f157b8846c45f525417b0590a38cd9a7', '2026-11-24 17:15:07.646782+00', '2026-11-24 17:15:07.808747+00');
INSERT INTO public.job_step VALUES ('a8869926-49e3-4241-864a-3abb1855a159', 1, NULL, 'CHECK_TRUST', 'See both generations trusted everywhere', 'DONE', '{"clients": [], "streams": {}}', NULL, NULL, '2026-11-24 17:15:07.852695+00', '2026-11-24 17:15:07.890777+00');
INSERT INTO public.job_step VALUES ('a8869926-49e3-4241-864a-3abb1855a159', 2, NULL, 'CONFIRM_TRUST', 'Wait for :continue, once every client has the new bundle (GET /v1/authorities/rotating/bundle)', 'RUNNING', '{"waitsFor": ":continue, or :cancel to go back"}', NULL, NULL, '2026-11-24 17:15:07.895024+00', NULL);
INSERT INTO public.job_step VALUES ('bc307fcc-ef94-4e32-9121-d69303b460a3', 1, 'orders', 'INSTALL_CERTIFICATE', 'Issue and install the certificate of orders', 'PENDING', '{}', NULL, NULL, NULL, NULL);
INSERT INTO public.job_step VALUES ('bc307fcc-ef94-4e32-9121-d69303b460a3', 2, 'orders', 'ENABLE_SSL', 'Turn ssl on on orders and see the certificate served', 'PENDING', '{}', NULL, NULL, NULL, NULL);
INSERT INTO public.job_step VALUES ('bc307fcc-ef94-4e32-9121-d69303b460a3', 3, 'orders', 'OBSERVE_SESSIONS', 'See who still comes to orders in plaintext', 'PENDING', '{}', NULL, NULL, NULL, NULL);
INSERT INTO public.job_step VALUES ('bc307fcc-ef94-4e32-9121-d69303b460a3', 4, 'orders', 'CONVERT_RULES', 'Make the rules of orders admit TLS only', 'PENDING', '{}', NULL, NULL, NULL, NULL);
INSERT INTO public.job_step VALUES ('bc307fcc-ef94-4e32-9121-d69303b460a3', 5, 'orders', 'DRAIN', 'End the plaintext sessions of orders', 'PENDING', '{}', NULL, NULL, NULL, NULL);
INSERT INTO public.job_step VALUES ('bc307fcc-ef94-4e32-9121-d69303b460a3', 6, 'orders', 'PROVE_ENFORCED', 'Prove that orders refuses plaintext and no straggler is left', 'PENDING', '{}', NULL, NULL, NULL, NULL);
INSERT INTO public.job_step VALUES ('bc307fcc-ef94-4e32-9121-d69303b460a3', 0, 'orders', 'PREFLIGHT', 'Check orders before anything is changed', 'RUNNING', '{}', NULL, NULL, '2026-11-24 17:15:09.287107+00', NULL);

INSERT INTO public.revocation_list VALUES ('14785bd3ee4ce71f8ced9abfd4f8ff4252fc720034fbb8bd359b32d381194f74', 'internal', 1, '\x3081f430819c020101300a06082a8648ce3d04030230163114301206035504030c0b696e7465726e616c204341170d3236313132343137313030365a170d3236313230313137313530365a30243022021100cc0a183c4323fe815bec79fa9d06b55d170d3236313132343137313530365aa02f302d301f0603551d23041830168014ca10d50e2288f0c5aabd3f42e2104d067a17a850300a0603551d140403020101300a06082a8648ce3d0403020347003044022050feb8c26bbd74ef15ed9ba7b8839a9ad518b29b627a1714d69b4b75d165a2120220089fb76d4c8a52230a401eedb913f44a91723c25a35008e244afda47ae3ec3e4', '2026-11-24 17:15:06.35249+00', '2026-12-01 17:15:06+00', '-----BEGIN CERTIFICATE-----
MIIBojCCAUigAwIBAgIRAMwKGDxDI/6BW+x5+p0GtV0wCgYIKoZIzj0EAwIwFjEU
MBIGA1UEAwwLaW50ZXJuYWwgQ0EwHhcNMjYxMTI0MTcxMDA2WhcNMjYxMjA4MTcx
NTA2WjAYMRYwFAYDVQQDDA1wZ3NlYWwtY2FuYXJ5MFkwEwYHKoZIzj0CAQYIKoZI
zj0DAQcDQgAEMsfYZLZVplMrwcZB0wZYIcuviwM1Xy5duYy4XvNb51VQGGOEIpd/
SLbizGqONXL7+vzSXx4UDxTOFfYKT6PNaqN1MHMwHQYDVR0OBBYEFAOABoWaINqS
AX1/moG07xH2jM18MB8GA1UdIwQYMBaAFMoQ1Q4iiPDFqr0/QuIQTQZ6F6hQMAwG
A1UdEwEB/wQCMAAwDgYDVR0PAQH/BAQDAgeAMBMGA1UdJQQMMAoGCCsGAQUFBwMC
MAoGCCqGSM49BAMCA0gAMEUCIQDu4eJ9wP1Vv6KoLFToSps75PB1DbsY32QFfMRA
q9NxfQIgawkf9JoQqc6QaLMb10Gf+QUwQylGPezzQFiprQ32Jhg=
-----END CERTIFICATE-----
', '\x01e04204fa99dda5032077db213a044833ae39573a6a37628f2262fb3915bc7fdd26f001b6b8c10b13ad774a9faa62dffa2112e4945b67a5854a352c88e5e49ca29d71562f084cc98ff51947dc6002abbbf26bb771ca6dcf2171e2ccdf8c2ac55a8ad99ea8727cb095e0b4497e0cbb7592399684f922cab38ddb50588d43d50670826c5b571d433abe9a612180a718ab9ea5143c8cf9c793e64a409c36adf6aa4980d6e7c685d4f83ff577d38bf751ebb86f27c42bfbf50d4dd3e7343bf30e3dc28cc991e9de92153759c155f34896543f0c742a29af6d866a6da8e53819e7fb85d96f4647334f1451e3ce782a18e33dadf9af8e1bde15a22bfcdc9fb128266a8649e604cc97a056000515cadab1cee7ba7f72ec5abcd3668483eadfbcc217d364440e');
INSERT INTO public.revocation_list VALUES ('3477f0191e2cb2520e6366c58e7bba51df2cc0603a7c4c3c38a92c24c9c1a4d2', 'rotating', 1, '\x3081f430819b020101300a06082a8648ce3d04030230163114301206035504030c0b726f746174696e67204341170d3236313132343137313030365a170d3236313230313137313530365a3023302102106e90d87d5148ddf6179346cad76c0004170d3236313132343137313530365aa02f302d301f0603551d2304183016801446f010c51313ffa1e83a6815be88a68c0c4f7532300a0603551d140403020101300a06082a8648ce3d0403020348003045022100fc42e5e6eac76d518b6ad1f8e08a501cc3fd1a4da8f4bec069fc5ed81ed819fb02206a362da16d4540fc3f5f7de395ce6b2f3071175391fc642ab4c39739d918388b', '2026-11-24 17:15:06.722366+00', '2026-12-01 17:15:06+00', '-----BEGIN CERTIFICATE-----
MIIBoTCCAUegAwIBAgIQbpDYfVFI3fYXk0bK12wABDAKBggqhkjOPQQDAjAWMRQw
EgYDVQQDDAtyb3RhdGluZyBDQTAeFw0yNjExMjQxNzEwMDZaFw0yNjEyMDgxNzE1
MDZaMBgxFjAUBgNVBAMMDXBnc2VhbC1jYW5hcnkwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAT1sC4MfNXBB6mXT9/NxC2ZupnI5XgI8bqWFtCXgFay++Jezc5MUJiv
2MYKl+HXaS4pyZOIlbOJY5yUEUpfnnXRo3UwczAdBgNVHQ4EFgQU/Cck6MEKiE51
63btWqGmuZ/sxGAwHwYDVR0jBBgwFoAURvAQxRMT/6HoOmgVvoimjAxPdTIwDAYD
VR0TAQH/BAIwADAOBgNVHQ8BAf8EBAMCB4AwEwYDVR0lBAwwCgYIKwYBBQUHAwIw
CgYIKoZIzj0EAwIDSAAwRQIgWlUSSOJM/f6Nxnrdcp8zjRjRfljcEFhps9t/6eaW
R6YCIQD/SnnJ4VFBRDD0uGjZLZUVaiePtCBDx3ISbvzNUQXjSA==
-----END CERTIFICATE-----
', '\x01e04204faa2f5c4cad999b5a138ab5418ff031c712e6d4130840031b39e4f0fb1fdbde2520a2bab627bf8a5fbe99b2d0cec6f81dfe5ab256857197a6ecea51ee9de096d36f5672207a97c440dfeefa29045e4f251575556b65fa09eee2f4972bd7bca484134802a0b10e306013463ea279435f00e155a42808db6394ee9d2cf89036e6e2254d7d94d890bfc7559b2a9c1b5e0c7c43aebe7e588f9aff4e36f47784d362a0f3ed9f6dee5fc09c2e42ca9f9234afd6cf657e610dc724e2867cb1c1145fb2ac2d01bc4ecf5ceb599268e3a003fa063bb95e00d21acba517f66ae437b269afe2560710386efdad7e2aaa8b6879b6b3f0fbf35ce3f8c01efd3d5790db40bd31fd5884e5ef44f93fc15f82c977d7138d47f27caab5c4042544683dc437ba767');

INSERT INTO public.scheduled_tasks VALUES ('certificate-check', 'recurring', NULL, '2026-11-24 17:15:12.99984+00', false, NULL, NULL, NULL, NULL, NULL, 1, NULL);
INSERT INTO public.scheduled_tasks VALUES ('revocation-list-check', 'recurring', NULL, '2026-11-24 17:16:11.566284+00', false, NULL, '2026-11-24 17:15:07.510284+00', NULL, 0, NULL, 3, NULL);
INSERT INTO public.scheduled_tasks VALUES ('authority-rotation', 'a8869926-49e3-4241-864a-3abb1855a159', NULL, '2026-11-24 17:15:09.916618+00', false, NULL, '2026-11-24 17:15:07.916607+00', NULL, 0, NULL, 3, NULL);
INSERT INTO public.scheduled_tasks VALUES ('rollout', 'bc307fcc-ef94-4e32-9121-d69303b460a3', NULL, '2026-11-24 17:15:09.167549+00', true, 'pgseal-b745dcd2-6c61-41fe-bb1d-5013222a1997', NULL, NULL, NULL, '2026-11-24 17:15:09.17954+00', 2, NULL);

INSERT INTO public.server VALUES ('ae1f5eef-e7c8-43fa-94fd-db43ed90f044', 'orders', '127.0.0.1', 37265, 'postgres', 'postgres', '\x01e04204fa67dd301bc1e848072935f1913c70c581b569e6e286b06d8999debbb2e78f58beaa7e66cf12f8f5d23566cb36a2906abe456c481e73', 'PREFER', NULL, '["localhost", "127.0.0.1"]', '{}', 'ENFORCED', 1, '2026-11-24 17:15:06.77+00', '2026-11-24 17:15:06.77+00');

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY public.authority
    ADD CONSTRAINT authority_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.authority_rotation
    ADD CONSTRAINT authority_rotation_pkey PRIMARY KEY (authority);

ALTER TABLE ONLY public.certificate_installation
    ADD CONSTRAINT certificate_installation_pkey PRIMARY KEY (server_id, generation);

ALTER TABLE ONLY public.certificate
    ADD CONSTRAINT certificate_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.client_trust
    ADD CONSTRAINT client_trust_pkey PRIMARY KEY (server_id);

ALTER TABLE ONLY public.flyway_schema_history
    ADD CONSTRAINT flyway_schema_history_pk PRIMARY KEY (installed_rank);

ALTER TABLE ONLY public.hba_revision
    ADD CONSTRAINT hba_revision_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.hba_revision
    ADD CONSTRAINT hba_revision_server_id_number_key UNIQUE (server_id, number);

ALTER TABLE ONLY public.job_event
    ADD CONSTRAINT job_event_pkey PRIMARY KEY (job_id, id);

ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.job_server
    ADD CONSTRAINT job_server_pkey PRIMARY KEY (job_id, server_id);

ALTER TABLE ONLY public.job_step
    ADD CONSTRAINT job_step_pkey PRIMARY KEY (job_id, "position");

ALTER TABLE ONLY public.renewal
    ADD CONSTRAINT renewal_pkey PRIMARY KEY (server_id);

ALTER TABLE ONLY public.revocation_list
    ADD CONSTRAINT revocation_list_pkey PRIMARY KEY (issuer);

ALTER TABLE ONLY public.revoked_certificate
    ADD CONSTRAINT revoked_certificate_pkey PRIMARY KEY (issuer, serial);

ALTER TABLE ONLY public.scheduled_tasks
    ADD CONSTRAINT scheduled_tasks_pkey PRIMARY KEY (task_name, task_instance);

ALTER TABLE ONLY public.served_certificate
    ADD CONSTRAINT served_certificate_pkey PRIMARY KEY (server_id);

ALTER TABLE ONLY public.server_lock
    ADD CONSTRAINT server_lock_pkey PRIMARY KEY (server_id);

ALTER TABLE ONLY public.server
    ADD CONSTRAINT server_name_key UNIQUE (name);

ALTER TABLE ONLY public.server
    ADD CONSTRAINT server_pkey PRIMARY KEY (id);

CREATE INDEX authority_parent ON public.authority USING btree (parent) WHERE (parent IS NOT NULL);

CREATE INDEX certificate_authority ON public.certificate USING btree (authority, created_at DESC);

CREATE INDEX certificate_fingerprint ON public.certificate USING btree (fingerprint);

CREATE INDEX certificate_installation_certificate ON public.certificate_installation USING btree (certificate_id);

CREATE INDEX certificate_newest_first ON public.certificate USING btree (created_at DESC, id DESC);

CREATE INDEX certificate_not_after ON public.certificate USING btree (not_after);

CREATE INDEX certificate_serial ON public.certificate USING btree (authority, serial);

CREATE INDEX certificate_server ON public.certificate USING btree (server_id, created_at DESC);

CREATE INDEX flyway_schema_history_s_idx ON public.flyway_schema_history USING btree (success);

CREATE INDEX job_newest_first ON public.job USING btree (created_at DESC, id DESC);

CREATE UNIQUE INDEX job_server_unfinished ON public.job_server USING btree (server_id) WHERE unfinished;

CREATE INDEX revoked_certificate_id ON public.revoked_certificate USING btree (certificate_id);

CREATE INDEX scheduled_tasks_execution_time ON public.scheduled_tasks USING btree (execution_time);

CREATE INDEX scheduled_tasks_last_heartbeat ON public.scheduled_tasks USING btree (last_heartbeat);

CREATE INDEX server_labels ON public.server USING gin (labels jsonb_path_ops);

ALTER TABLE ONLY public.authority
    ADD CONSTRAINT authority_parent_fkey FOREIGN KEY (parent) REFERENCES public.authority(name);

ALTER TABLE ONLY public.authority_rotation
    ADD CONSTRAINT authority_rotation_authority_fkey FOREIGN KEY (authority) REFERENCES public.authority(name);

ALTER TABLE ONLY public.certificate
    ADD CONSTRAINT certificate_authority_fkey FOREIGN KEY (authority) REFERENCES public.authority(name);

ALTER TABLE ONLY public.certificate_installation
    ADD CONSTRAINT certificate_installation_certificate_id_fkey FOREIGN KEY (certificate_id) REFERENCES public.certificate(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.certificate_installation
    ADD CONSTRAINT certificate_installation_server_id_fkey FOREIGN KEY (server_id) REFERENCES public.server(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.certificate
    ADD CONSTRAINT certificate_server_id_fkey FOREIGN KEY (server_id) REFERENCES public.server(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.client_trust
    ADD CONSTRAINT client_trust_authority_fkey FOREIGN KEY (authority) REFERENCES public.authority(name);

ALTER TABLE ONLY public.client_trust
    ADD CONSTRAINT client_trust_server_id_fkey FOREIGN KEY (server_id) REFERENCES public.server(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.hba_revision
    ADD CONSTRAINT hba_revision_server_id_fkey FOREIGN KEY (server_id) REFERENCES public.server(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.job_event
    ADD CONSTRAINT job_event_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.job(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.job_server
    ADD CONSTRAINT job_server_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.job(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.job_server
    ADD CONSTRAINT job_server_server_id_fkey FOREIGN KEY (server_id) REFERENCES public.server(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.job_step
    ADD CONSTRAINT job_step_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.job(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.renewal
    ADD CONSTRAINT renewal_authority_fkey FOREIGN KEY (authority) REFERENCES public.authority(name);

ALTER TABLE ONLY public.renewal
    ADD CONSTRAINT renewal_server_id_fkey FOREIGN KEY (server_id) REFERENCES public.server(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.revocation_list
    ADD CONSTRAINT revocation_list_authority_fkey FOREIGN KEY (authority) REFERENCES public.authority(name);

ALTER TABLE ONLY public.revoked_certificate
    ADD CONSTRAINT revoked_certificate_authority_fkey FOREIGN KEY (authority) REFERENCES public.authority(name);

ALTER TABLE ONLY public.served_certificate
    ADD CONSTRAINT served_certificate_server_id_fkey FOREIGN KEY (server_id) REFERENCES public.server(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.server_lock
    ADD CONSTRAINT server_lock_server_id_fkey FOREIGN KEY (server_id) REFERENCES public.server(id) ON DELETE CASCADE;
