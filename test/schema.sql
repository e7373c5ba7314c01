table access_area
  code text not null
  for_kind text not null
  name jsonb not null
  description jsonb not null
  guarded boolean not null default false
  constraint access_area_for_kind_check CHECK ((for_kind = ANY (ARRAY['person'::text, 'organization'::text])))
  constraint access_area_pkey PRIMARY KEY (code)
  CREATE UNIQUE INDEX access_area_pkey ON public.access_area USING btree (code)

table access_change
  id bigint not null
  due_at timestamp with time zone not null
  cause text not null
  mandate_id uuid
  party uuid
  parents ARRAY not null default '{}'::uuid[]
  resource_id text
  list_id text
  constraint access_change_pkey PRIMARY KEY (id)
  CREATE INDEX access_change_due ON public.access_change USING btree (due_at)
  CREATE UNIQUE INDEX access_change_pkey ON public.access_change USING btree (id)

table access_list
  id text not null
  owner uuid not null
  name text not null
  description text not null default ''::text
  ended_at timestamp with time zone
  constraint access_list_owner_fkey FOREIGN KEY (owner) REFERENCES party(id)
  constraint access_list_pkey PRIMARY KEY (id)
  CREATE UNIQUE INDEX access_list_pkey ON public.access_list USING btree (id)

table access_list_member
  list_id text not null
  party uuid not null
  ended_at timestamp with time zone
  constraint access_list_member_list_id_fkey FOREIGN KEY (list_id) REFERENCES access_list(id)
  constraint access_list_member_party_fkey FOREIGN KEY (party) REFERENCES party(id)
  constraint access_list_member_pkey PRIMARY KEY (list_id, party)
  CREATE INDEX access_list_member_party ON public.access_list_member USING btree (party) WHERE (ended_at IS NULL)
  CREATE UNIQUE INDEX access_list_member_pkey ON public.access_list_member USING btree (list_id, party)
  CREATE TRIGGER access_changes_on_insert AFTER INSERT OR DELETE ON public.access_list_member FOR EACH ROW EXECUTE FUNCTION list_changes()
  CREATE TRIGGER access_changes_on_update AFTER UPDATE ON public.access_list_member FOR EACH ROW WHEN ((old.ended_at IS DISTINCT FROM new.ended_at)) EXECUTE FUNCTION list_changes()

table access_list_resource
  list_id text not null
  resource_id text not null
  actions ARRAY
  ended_at timestamp with time zone
  constraint access_list_resource_list_id_fkey FOREIGN KEY (list_id) REFERENCES access_list(id)
  constraint access_list_resource_pkey PRIMARY KEY (list_id, resource_id)
  constraint access_list_resource_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES resource(id)
  CREATE INDEX access_list_resource_resource ON public.access_list_resource USING btree (resource_id) WHERE (ended_at IS NULL)
  CREATE UNIQUE INDEX access_list_resource_pkey ON public.access_list_resource USING btree (list_id, resource_id)
  CREATE TRIGGER access_changes_on_insert AFTER INSERT OR DELETE ON public.access_list_resource FOR EACH ROW EXECUTE FUNCTION service_changes('all')
  CREATE TRIGGER access_changes_on_update AFTER UPDATE ON public.access_list_resource FOR EACH ROW WHEN (((old.actions IS DISTINCT FROM new.actions) OR (old.ended_at IS DISTINCT FROM new.ended_at))) EXECUTE FUNCTION service_changes('all')

table access_package
  code text not null
  area text not null
  for_kind text not null
  name jsonb not null
  description jsonb not null
  assignable boolean not null
  delegable boolean not null
  in_policies boolean not null
  to_kinds ARRAY
  needs text
  give_level integer not null default 3
  decides_from smallint
  parent_until smallint
  receiver_from smallint
  usable_by ARRAY
  of_estate boolean not null default true
  endless boolean not null default false
  by_code boolean not null default false
  must_accept boolean not null default false
  parents text
  together jsonb
  constraint access_package_ages CHECK ((COALESCE((parent_until)::integer, (decides_from)::integer, 18) >= COALESCE((decides_from)::integer, 18)))
  constraint access_package_area_fkey FOREIGN KEY (area) REFERENCES access_area(code)
  constraint access_package_for_kind_check CHECK ((for_kind = ANY (ARRAY['person'::text, 'organization'::text])))
  constraint access_package_give_level_check CHECK (((give_level >= 0) AND (give_level <= 4)))
  constraint access_package_parents_check CHECK ((parents = ANY (ARRAY['any'::text, 'all'::text])))
  constraint access_package_pkey PRIMARY KEY (code)
  CREATE INDEX access_package_area ON public.access_package USING btree (area)
  CREATE UNIQUE INDEX access_package_pkey ON public.access_package USING btree (code)

table access_request
  id uuid not null
  from_party uuid not null
  to_party uuid not null
  by_party uuid not null
  state text not null
  package text
  resource_id text
  actions ARRAY
  given_actions ARRAY
  valid_to timestamp with time zone
  redirect_url text
  created_at timestamp with time zone not null
  changed_at timestamp with time zone not null
  changed_by uuid not null
  verified text
  reference text not null default new_reference()
  offered boolean not null default false
  instance text
  may_pass_on boolean not null default false
  subunits boolean not null default true
  reminders smallint not null default 0
  message text
  asked_again smallint not null default 0
  asked_again_at timestamp with time zone
  no_because text
  constraint access_request_by_party_fkey FOREIGN KEY (by_party) REFERENCES party(id)
  constraint access_request_changed_by_fkey FOREIGN KEY (changed_by) REFERENCES party(id)
  constraint access_request_check CHECK (((package IS NULL) <> (resource_id IS NULL)))
  constraint access_request_check1 CHECK ((from_party <> to_party))
  constraint access_request_from_party_fkey FOREIGN KEY (from_party) REFERENCES party(id)
  constraint access_request_message_check CHECK ((length(message) <= 300))
  constraint access_request_package_fkey FOREIGN KEY (package) REFERENCES access_package(code)
  constraint access_request_pkey PRIMARY KEY (id)
  constraint access_request_reference UNIQUE (reference)
  constraint access_request_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES resource(id)
  constraint access_request_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'pending'::text, 'approved'::text, 'partly'::text, 'rejected'::text, 'withdrawn'::text])))
  constraint access_request_to_party_fkey FOREIGN KEY (to_party) REFERENCES party(id)
  CREATE INDEX access_request_from ON public.access_request USING btree (from_party, id)
  CREATE INDEX access_request_resting ON public.access_request USING btree (id) WHERE (((verified IS NOT NULL) OR offered) AND (state = ANY (ARRAY['draft'::text, 'pending'::text])))
  CREATE INDEX access_request_to ON public.access_request USING btree (to_party, id)
  CREATE UNIQUE INDEX access_request_open ON public.access_request USING btree (from_party, to_party, package, resource_id, instance, offered) NULLS NOT DISTINCT WHERE (state = ANY (ARRAY['draft'::text, 'pending'::text]))
  CREATE UNIQUE INDEX access_request_pkey ON public.access_request USING btree (id)
  CREATE UNIQUE INDEX access_request_reference ON public.access_request USING btree (reference)

table access_request_yes
  request_id uuid not null
  by_party uuid not null
  at timestamp with time zone not null
  level smallint not null
  actions ARRAY
  constraint access_request_yes_by_party_fkey FOREIGN KEY (by_party) REFERENCES party(id)
  constraint access_request_yes_pkey PRIMARY KEY (request_id, by_party)
  constraint access_request_yes_request_id_fkey FOREIGN KEY (request_id) REFERENCES access_request(id)
  CREATE UNIQUE INDEX access_request_yes_pkey ON public.access_request_yes USING btree (request_id, by_party)

table api_scope
  name text not null
  owner uuid not null
  token_lifetime_seconds integer
  is_open boolean not null default false
  ended_at timestamp with time zone
  constraint api_scope_owner_fkey FOREIGN KEY (owner) REFERENCES party(id)
  constraint api_scope_pkey PRIMARY KEY (name)
  constraint api_scope_token_lifetime_seconds_check CHECK (((token_lifetime_seconds >= 10) AND (token_lifetime_seconds <= 3600)))
  CREATE UNIQUE INDEX api_scope_pkey ON public.api_scope USING btree (name)

table api_scope_holder
  scope text not null
  party uuid not null
  consumer uuid
  ended_at timestamp with time zone
  constraint api_scope_holder_consumer_fkey FOREIGN KEY (consumer) REFERENCES party(id)
  constraint api_scope_holder_party_fkey FOREIGN KEY (party) REFERENCES party(id)
  constraint api_scope_holder_scope_fkey FOREIGN KEY (scope) REFERENCES api_scope(name)
  CREATE UNIQUE INDEX api_scope_holder_once ON public.api_scope_holder USING btree (scope, party, consumer) NULLS NOT DISTINCT

table basis_change
  id bigint not null
  party uuid
  resource_id text
  due_at timestamp with time zone not null
  role text
  mandate uuid
  constraint basis_change_pkey PRIMARY KEY (id)
  CREATE INDEX basis_change_due ON public.basis_change USING btree (due_at)
  CREATE INDEX basis_change_mandate ON public.basis_change USING btree (mandate, due_at) WHERE (mandate IS NOT NULL)
  CREATE UNIQUE INDEX basis_change_pkey ON public.basis_change USING btree (id)

table catalogue
  single boolean not null default true
  version bigint not null
  constraint catalogue_pkey PRIMARY KEY (single)
  constraint catalogue_single_check CHECK (single)
  CREATE UNIQUE INDEX catalogue_pkey ON public.catalogue USING btree (single)
  CREATE TRIGGER access_changes_on_update AFTER UPDATE ON public.catalogue FOR EACH ROW EXECUTE FUNCTION catalogue_changes()

table client_seen
  address text not null
  client_id text not null
  seen_at timestamp with time zone not null
  constraint client_seen_pkey PRIMARY KEY (address, client_id)
  CREATE INDEX client_seen_by_time ON public.client_seen USING btree (seen_at)
  CREATE UNIQUE INDEX client_seen_pkey ON public.client_seen USING btree (address, client_id)

table consent_origin
  party uuid not null
  origin text not null
  constraint consent_origin_party_fkey FOREIGN KEY (party) REFERENCES party(id)
  constraint consent_origin_pkey PRIMARY KEY (party, origin)
  CREATE UNIQUE INDEX consent_origin_pkey ON public.consent_origin USING btree (party, origin)

table consent_request
  id uuid not null
  from_party uuid not null
  to_party uuid not null
  handled_by uuid
  required_delegator uuid
  from_named text not null
  delegator_named text
  state text not null
  valid_to timestamp with time zone not null
  template_id text not null
  template_version integer not null
  request_message jsonb
  redirect_url text
  portal_view_mode text not null
  one_time boolean not null
  asked_uses jsonb
  uses jsonb
  limited boolean not null
  content_hash text not null
  client_id text
  expiry_event_id uuid not null
  requested_at timestamp with time zone not null
  approved_at timestamp with time zone
  rejected_at timestamp with time zone
  withdrawn_at timestamp with time zone
  answered_by uuid
  answered_role text
  expiry_noted boolean not null default false
  rested_on text
  rested_roles ARRAY not null default '{}'::text[]
  rested_mandates ARRAY not null default '{}'::uuid[]
  answered_level smallint
  parent_until smallint
  rested_together jsonb
  awaiting jsonb
  reminders smallint not null default 0
  pair uuid
  answer_by timestamp with time zone
  fallen_reason text
  replaces uuid
  renews boolean not null default false
  counts_anew boolean not null default false
  own_scope boolean not null default false
  reference text not null default new_reference()
  may_ask_again boolean not null default false
  ends_told boolean not null default false
  imported_at timestamp with time zone
  erasing_told_at timestamp with time zone
  erased_at timestamp with time zone
  erased_after integer
  deletion_asked_at timestamp with time zone
  about uuid not null default gen_random_uuid()
  narrowed_at timestamp with time zone
  asked_valid_to timestamp with time zone
  status_place bigint
  withheld boolean not null default false
  constraint consent_request_answered_by_fkey FOREIGN KEY (answered_by) REFERENCES party(id)
  constraint consent_request_delegator_named_check CHECK ((delegator_named = ANY (ARRAY['number'::text, 'uuid'::text])))
  constraint consent_request_fallen_reason_check CHECK ((fallen_reason = ANY (ARRAY['giver_dead'::text, 'giver_dissolved'::text, 'receiver_dissolved'::text, 'resource_ended'::text, 'responsibility_ended'::text, 'task_ended'::text, 'of_age'::text, 'receiver'::text, 'replaced'::text, 'rule_unmet'::text, 'pair_ended'::text])))
  constraint consent_request_from_named_check CHECK ((from_named = ANY (ARRAY['number'::text, 'uuid'::text, 'nobody'::text])))
  constraint consent_request_from_party_fkey FOREIGN KEY (from_party) REFERENCES party(id)
  constraint consent_request_handled_by_fkey FOREIGN KEY (handled_by) REFERENCES party(id)
  constraint consent_request_pair_fkey FOREIGN KEY (pair) REFERENCES consent_request(id)
  constraint consent_request_pkey PRIMARY KEY (id)
  constraint consent_request_portal_view_mode_check CHECK ((portal_view_mode = ANY (ARRAY['hide'::text, 'show'::text])))
  constraint consent_request_reference UNIQUE (reference)
  constraint consent_request_replaces_fkey FOREIGN KEY (replaces) REFERENCES consent_request(id)
  constraint consent_request_required_delegator_fkey FOREIGN KEY (required_delegator) REFERENCES party(id)
  constraint consent_request_rested_on_check CHECK ((rested_on = ANY (ARRAY['self'::text, 'role'::text, 'responsibility'::text, 'task'::text, 'mandate'::text])))
  constraint consent_request_state_check CHECK ((state = ANY (ARRAY['requested'::text, 'approved'::text, 'rejected'::text, 'withdrawn'::text, 'deleted'::text])))
  constraint consent_request_template_id_template_version_fkey FOREIGN KEY (template_id, template_version) REFERENCES consent_template(id, version)
  constraint consent_request_to_party_fkey FOREIGN KEY (to_party) REFERENCES party(id)
  CREATE INDEX consent_request_answered_by ON public.consent_request USING btree (answered_by) WHERE (answered_by IS NOT NULL)
  CREATE INDEX consent_request_approved_to ON public.consent_request USING btree (to_party) WHERE (state = 'approved'::text)
  CREATE INDEX consent_request_asked ON public.consent_request USING btree (to_party, requested_at, id)
  CREATE INDEX consent_request_awaiting ON public.consent_request USING btree ((((awaiting ->> 'since'::text))::bigint)) WHERE ((awaiting IS NOT NULL) AND (state = 'requested'::text))
  CREATE INDEX consent_request_ends ON public.consent_request USING btree (valid_to) WHERE ((state = 'approved'::text) AND (NOT ends_told))
  CREATE INDEX consent_request_expiry ON public.consent_request USING btree (valid_to) WHERE (NOT expiry_noted)
  CREATE INDEX consent_request_handled ON public.consent_request USING btree (handled_by, requested_at, id) WHERE (handled_by IS NOT NULL)
  CREATE INDEX consent_request_latest ON public.consent_request USING btree (from_party, COALESCE(approved_at, requested_at) DESC, id)
  CREATE INDEX consent_request_open ON public.consent_request USING btree (from_party, about, to_party, rested_roles, COALESCE(parent_until, (0)::smallint)) INCLUDE (id, parent_until, state, valid_to, limited, portal_view_mode, required_delegator, answered_by) WHERE ((state = ANY (ARRAY['requested'::text, 'approved'::text])) AND (NOT expiry_noted))
  CREATE INDEX consent_request_refused ON public.consent_request USING btree (from_party, to_party, rejected_at) WHERE (state = 'rejected'::text)
  CREATE INDEX consent_request_replaces ON public.consent_request USING btree (replaces) WHERE (replaces IS NOT NULL)
  CREATE UNIQUE INDEX consent_request_pkey ON public.consent_request USING btree (id)
  CREATE UNIQUE INDEX consent_request_reference ON public.consent_request USING btree (reference)
  CREATE TRIGGER basis_of_answer AFTER UPDATE ON public.consent_request FOR EACH ROW WHEN (((new.state = 'approved'::text) AND (old.state <> 'approved'::text) AND (new.rested_mandates <> '{}'::uuid[]))) EXECUTE FUNCTION basis_of_answer()
  CREATE TRIGGER basis_of_pair AFTER UPDATE ON public.consent_request FOR EACH ROW WHEN (((new.pair IS NOT NULL) AND (((new.state = ANY (ARRAY['rejected'::text, 'withdrawn'::text, 'deleted'::text])) AND (new.state <> old.state)) OR (new.expiry_noted AND (NOT old.expiry_noted))))) EXECUTE FUNCTION basis_of_pair()
  CREATE TRIGGER status_of_answer BEFORE UPDATE ON public.consent_request FOR EACH ROW WHEN (((new.state = 'approved'::text) AND (old.state <> 'approved'::text))) EXECUTE FUNCTION status_of_answer()
  CREATE TRIGGER status_of_fall AFTER UPDATE OF fallen_reason ON public.consent_request FOR EACH ROW WHEN (((new.state = 'approved'::text) AND (new.status_place IS NOT NULL) AND (old.fallen_reason IS DISTINCT FROM new.fallen_reason))) EXECUTE FUNCTION status_of_fall()
  CREATE TRIGGER status_of_import BEFORE INSERT ON public.consent_request FOR EACH ROW WHEN ((new.state = 'approved'::text)) EXECUTE FUNCTION status_of_answer()

table consent_right
  consent_id uuid not null
  ordinal integer not null
  resource_id text not null
  resource_version bigint not null
  actions ARRAY not null
  metadata jsonb not null
  optional boolean not null default false
  chosen boolean not null default true
  dropped_at timestamp with time zone
  dropped_by uuid
  constraint consent_right_check CHECK (((chosen AND (dropped_at IS NULL)) OR optional))
  constraint consent_right_consent_id_fkey FOREIGN KEY (consent_id) REFERENCES consent_request(id)
  constraint consent_right_dropped_by_fkey FOREIGN KEY (dropped_by) REFERENCES party(id)
  constraint consent_right_pkey PRIMARY KEY (consent_id, ordinal)
  constraint consent_right_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES resource(id)
  constraint consent_right_resource_version_fkey FOREIGN KEY (resource_version) REFERENCES resource_version(version)
  CREATE INDEX consent_right_resource ON public.consent_right USING btree (resource_id)
  CREATE UNIQUE INDEX consent_right_pkey ON public.consent_right USING btree (consent_id, ordinal)

table consent_shown
  consent_id uuid not null
  language text not null
  shown_by text not null
  hash text not null
  text jsonb not null
  shown_at timestamp with time zone not null
  constraint consent_shown_consent_id_fkey FOREIGN KEY (consent_id) REFERENCES consent_request(id)
  constraint consent_shown_language_check CHECK ((language = ANY (ARRAY['nb'::text, 'nn'::text, 'en'::text])))
  constraint consent_shown_pkey PRIMARY KEY (consent_id)
  constraint consent_shown_shown_by_check CHECK ((shown_by = ANY (ARRAY['page'::text, 'portal'::text, 'import'::text])))
  CREATE UNIQUE INDEX consent_shown_pkey ON public.consent_shown USING btree (consent_id)

table consent_template
  id text not null
  version integer not null
  content jsonb not null
  constraint consent_template_pkey PRIMARY KEY (id, version)
  CREATE UNIQUE INDEX consent_template_pkey ON public.consent_template USING btree (id, version)

table consent_yes
  consent_id uuid not null
  by_party uuid not null
  at timestamp with time zone not null
  role text
  level smallint not null
  language text not null
  shown_by text not null
  hash text not null
  text jsonb not null
  constraint consent_yes_by_party_fkey FOREIGN KEY (by_party) REFERENCES party(id)
  constraint consent_yes_consent_id_fkey FOREIGN KEY (consent_id) REFERENCES consent_request(id)
  constraint consent_yes_language_check CHECK ((language = ANY (ARRAY['nb'::text, 'nn'::text, 'en'::text])))
  constraint consent_yes_pkey PRIMARY KEY (consent_id, by_party)
  constraint consent_yes_shown_by_check CHECK ((shown_by = ANY (ARRAY['page'::text, 'portal'::text])))
  CREATE UNIQUE INDEX consent_yes_pkey ON public.consent_yes USING btree (consent_id, by_party)

table decision_log partition by RANGE (id)
  id uuid not null
  at timestamp with time zone not null
  caller text not null
  subject uuid
  from_party uuid
  resource_id text
  action text not null
  instance text
  outcome text not null
  reason text not null
  level integer not null
  policy_version bigint
  mandates ARRAY not null
  constraint decision_log_outcome_check CHECK ((outcome = ANY (ARRAY['permit'::text, 'deny'::text, 'not_applicable'::text, 'indeterminate'::text])))
  constraint decision_log_pkey PRIMARY KEY (id)
  CREATE INDEX decision_log_from ON ONLY public.decision_log USING btree (from_party, id)
  CREATE INDEX decision_log_resource ON ONLY public.decision_log USING btree (resource_id, id)
  CREATE INDEX decision_log_subject ON ONLY public.decision_log USING btree (subject, id)
  CREATE UNIQUE INDEX decision_log_pkey ON ONLY public.decision_log USING btree (id)

table employment
  employer uuid not null
  employee uuid not null
  ended_on date
  constraint employment_employee_fkey FOREIGN KEY (employee) REFERENCES party(id)
  constraint employment_employer_fkey FOREIGN KEY (employer) REFERENCES party(id)
  constraint employment_pkey PRIMARY KEY (employer, employee)
  CREATE UNIQUE INDEX employment_pkey ON public.employment USING btree (employer, employee)
  CREATE TRIGGER access_changes_on_insert AFTER INSERT OR DELETE ON public.employment FOR EACH ROW EXECUTE FUNCTION fact_changes('employee', 'none', 'ended_on')
  CREATE TRIGGER access_changes_on_update AFTER UPDATE ON public.employment FOR EACH ROW WHEN ((old.ended_on IS DISTINCT FROM new.ended_on)) EXECUTE FUNCTION fact_changes('employee', 'none', 'ended_on')
  CREATE TRIGGER basis_of_employment AFTER UPDATE ON public.employment FOR EACH ROW WHEN ((old.ended_on IS DISTINCT FROM new.ended_on)) EXECUTE FUNCTION basis_of_employment()

table event partition by RANGE (id)
  id uuid not null
  type text not null
  at timestamp with time zone not null
  consent_id uuid
  from_party uuid
  to_party uuid
  handled_by uuid
  by_party uuid
  by_role text
  detail jsonb
  mandate_id uuid
  request_id uuid
  seed bytea not null default substr(sha256((uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))), 1, 16)
  mac bytea
  pos bigint not null default nextval('event_pos'::regclass)
  constraint event_pkey PRIMARY KEY (id)
  CREATE INDEX event_consent ON ONLY public.event USING btree (consent_id, id)
  CREATE INDEX event_fallen_from ON ONLY public.event USING btree (from_party, id) WHERE ((type = ANY (ARRAY['withdrawn'::text, 'ended'::text])) AND ((detail ? 'reason'::text) OR (detail ? 'because'::text)))
  CREATE INDEX event_fallen_to ON ONLY public.event USING btree (to_party, id) WHERE ((type = ANY (ARRAY['withdrawn'::text, 'ended'::text])) AND ((detail ? 'reason'::text) OR (detail ? 'because'::text)))
  CREATE INDEX event_from ON ONLY public.event USING btree (from_party, id)
  CREATE INDEX event_handled_by ON ONLY public.event USING btree (handled_by, id) WHERE (handled_by IS NOT NULL)
  CREATE INDEX event_look_from ON ONLY public.event USING btree (from_party, id) WHERE (type = ANY (ARRAY['support_asked'::text, 'support_looked'::text, 'log_opened'::text]))
  CREATE INDEX event_look_to ON ONLY public.event USING btree (to_party, id) WHERE (type = ANY (ARRAY['support_asked'::text, 'support_looked'::text, 'log_opened'::text]))
  CREATE INDEX event_mandate ON ONLY public.event USING btree (mandate_id, id) WHERE (mandate_id IS NOT NULL)
  CREATE INDEX event_of_consents ON ONLY public.event USING btree (from_party, id) WHERE (consent_id IS NOT NULL)
  CREATE INDEX event_request ON ONLY public.event USING btree (request_id, id) WHERE (request_id IS NOT NULL)
  CREATE INDEX event_to ON ONLY public.event USING btree (to_party, id)
  CREATE UNIQUE INDEX event_pkey ON ONLY public.event USING btree (id)
  CREATE TRIGGER event_append_only BEFORE DELETE OR UPDATE ON public.event FOR EACH STATEMENT EXECUTE FUNCTION event_is_append_only()
  CREATE TRIGGER event_is_written AFTER INSERT ON public.event REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION event_is_written()

table event_content
  event_id uuid not null
  content json not null
  constraint event_content_pkey PRIMARY KEY (event_id)
  CREATE UNIQUE INDEX event_content_pkey ON public.event_content USING btree (event_id)
  CREATE TRIGGER event_content_append_only BEFORE DELETE OR UPDATE ON public.event_content FOR EACH STATEMENT EXECUTE FUNCTION event_is_append_only()

table event_feed partition by RANGE ("position")
  position bigint not null
  event_id uuid not null
  changed_at timestamp with time zone not null
  type text not null
  consent_id uuid not null
  to_party uuid not null
  handled_by uuid
  constraint event_feed_pkey PRIMARY KEY ("position")
  CREATE INDEX event_feed_event ON ONLY public.event_feed USING btree (event_id)
  CREATE INDEX event_feed_handled_by ON ONLY public.event_feed USING btree (handled_by, "position") WHERE (handled_by IS NOT NULL)
  CREATE INDEX event_feed_to ON ONLY public.event_feed USING btree (to_party, "position")
  CREATE UNIQUE INDEX event_feed_pkey ON ONLY public.event_feed USING btree ("position")

table event_let_go
  id uuid not null
  type text not null
  at timestamp with time zone not null
  leaf text not null
  constraint event_let_go_pkey PRIMARY KEY (id)
  CREATE UNIQUE INDEX event_let_go_pkey ON public.event_let_go USING btree (id)
  CREATE TRIGGER event_let_go_append_only BEFORE DELETE OR UPDATE ON public.event_let_go FOR EACH STATEMENT EXECUTE FUNCTION event_is_append_only()

table event_pending
  event_id uuid not null

table giving_code
  session_id uuid not null
  id uuid not null
  code text not null
  receiver uuid not null
  expires_at timestamp with time zone not null
  entered_by uuid
  gift text
  constraint giving_code_code_key UNIQUE (code)
  constraint giving_code_entered_by_fkey FOREIGN KEY (entered_by) REFERENCES party(id)
  constraint giving_code_id_key UNIQUE (id)
  constraint giving_code_pkey PRIMARY KEY (session_id)
  constraint giving_code_receiver_fkey FOREIGN KEY (receiver) REFERENCES party(id)
  constraint giving_code_session_id_fkey FOREIGN KEY (session_id) REFERENCES login_session(id) ON DELETE CASCADE
  CREATE UNIQUE INDEX giving_code_code_key ON public.giving_code USING btree (code)
  CREATE UNIQUE INDEX giving_code_id_key ON public.giving_code USING btree (id)
  CREATE UNIQUE INDEX giving_code_pkey ON public.giving_code USING btree (session_id)

table group_member
  id uuid not null
  group_id uuid not null
  member uuid not null
  added_by uuid not null
  added_at timestamp with time zone not null
  ended_at timestamp with time zone
  constraint group_member_added_by_fkey FOREIGN KEY (added_by) REFERENCES party(id)
  constraint group_member_group_id_fkey FOREIGN KEY (group_id) REFERENCES party_group(id)
  constraint group_member_member_fkey FOREIGN KEY (member) REFERENCES party(id)
  constraint group_member_pkey PRIMARY KEY (id)
  CREATE INDEX group_member_group ON public.group_member USING btree (group_id)
  CREATE UNIQUE INDEX group_member_once ON public.group_member USING btree (group_id, member) WHERE (ended_at IS NULL)
  CREATE UNIQUE INDEX group_member_pkey ON public.group_member USING btree (id)

table group_right
  id uuid not null
  group_id uuid not null
  package text
  resource_id text
  actions ARRAY
  added_by uuid not null
  added_at timestamp with time zone not null
  ended_at timestamp with time zone
  constraint group_right_added_by_fkey FOREIGN KEY (added_by) REFERENCES party(id)
  constraint group_right_check CHECK ((((package IS NOT NULL) <> (resource_id IS NOT NULL)) AND ((resource_id IS NOT NULL) = (actions IS NOT NULL))))
  constraint group_right_group_id_fkey FOREIGN KEY (group_id) REFERENCES party_group(id)
  constraint group_right_package_fkey FOREIGN KEY (package) REFERENCES access_package(code)
  constraint group_right_pkey PRIMARY KEY (id)
  constraint group_right_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES resource(id)
  CREATE INDEX group_right_group ON public.group_right USING btree (group_id)
  CREATE UNIQUE INDEX group_right_once ON public.group_right USING btree (group_id, package, resource_id) NULLS NOT DISTINCT WHERE (ended_at IS NULL)
  CREATE UNIQUE INDEX group_right_pkey ON public.group_right USING btree (id)

table incapacity
  person uuid not null
  role text
  valid_from timestamp with time zone not null
  ended_at timestamp with time zone
  constraint incapacity_person_fkey FOREIGN KEY (person) REFERENCES party(id)
  constraint incapacity_person_role_key UNIQUE NULLS NOT DISTINCT (person, role)
  constraint incapacity_role_fkey FOREIGN KEY (role) REFERENCES role(code)
  CREATE UNIQUE INDEX incapacity_person_role_key ON public.incapacity USING btree (person, role) NULLS NOT DISTINCT
  CREATE TRIGGER access_changes_on_insert AFTER INSERT OR DELETE ON public.incapacity FOR EACH ROW EXECUTE FUNCTION capacity_changes()
  CREATE TRIGGER access_changes_on_update AFTER UPDATE ON public.incapacity FOR EACH ROW WHEN (((old.valid_from IS DISTINCT FROM new.valid_from) OR (old.ended_at IS DISTINCT FROM new.ended_at))) EXECUTE FUNCTION capacity_changes()
  CREATE TRIGGER basis_of_capacity AFTER INSERT OR DELETE OR UPDATE ON public.incapacity FOR EACH ROW EXECUTE FUNCTION basis_of_capacity()
  CREATE TRIGGER status_of_capacity AFTER INSERT OR DELETE OR UPDATE ON public.incapacity FOR EACH ROW EXECUTE FUNCTION status_of_capacity()

table job
  name text not null
  due_at timestamp with time zone not null
  taken_by uuid
  taken_until timestamp with time zone
  begun_at timestamp with time zone
  ended_at timestamp with time zone
  fault text
  constraint job_pkey PRIMARY KEY (name)
  CREATE UNIQUE INDEX job_pkey ON public.job USING btree (name)

table kept_form
  id_hash text not null
  sealed text not null
  expires_at timestamp with time zone not null
  constraint kept_form_pkey PRIMARY KEY (id_hash)
  CREATE INDEX kept_form_expiry ON public.kept_form USING btree (expires_at)
  CREATE UNIQUE INDEX kept_form_pkey ON public.kept_form USING btree (id_hash)

table kept_secret
  name text not null
  sealed text not null
  constraint kept_secret_pkey PRIMARY KEY (name)
  CREATE UNIQUE INDEX kept_secret_pkey ON public.kept_secret USING btree (name)

table log
  number smallint not null
  opened_at timestamp with time zone not null
  origin text
  beginning text
  made text
  constraint log_pkey PRIMARY KEY (number)
  CREATE UNIQUE INDEX log_pkey ON public.log USING btree (number)

table log_checkpoint
  log smallint not null
  size bigint not null
  at timestamp with time zone not null
  note text not null
  constraint log_checkpoint_log_fkey FOREIGN KEY (log) REFERENCES log(number)
  constraint log_checkpoint_pkey PRIMARY KEY (log, size)
  CREATE UNIQUE INDEX log_checkpoint_pkey ON public.log_checkpoint USING btree (log, size)

table log_key
  id uuid not null
  log smallint not null
  public bytea not null
  sealed_private text not null
  signs_from timestamp with time zone not null
  signs_until timestamp with time zone
  constraint log_key_log_fkey FOREIGN KEY (log) REFERENCES log(number)
  constraint log_key_pkey PRIMARY KEY (id)
  CREATE UNIQUE INDEX log_key_pkey ON public.log_key USING btree (id)

table log_leaf
  log smallint not null
  position bigint not null
  event_id uuid
  constraint log_leaf_check CHECK (((event_id IS NOT NULL) OR (("position" = 0) AND (log > 1))))
  constraint log_leaf_pkey PRIMARY KEY (log, "position")
  constraint log_leaf_position_check CHECK (("position" >= 0))
  CREATE INDEX log_leaf_event ON public.log_leaf USING btree (event_id)
  CREATE UNIQUE INDEX log_leaf_pkey ON public.log_leaf USING btree (log, "position")

table log_pending
  event_id uuid not null

table log_refused
  event_id uuid not null
  found_at timestamp with time zone not null
  is_named boolean not null default false
  constraint log_refused_pkey PRIMARY KEY (event_id)
  CREATE UNIQUE INDEX log_refused_pkey ON public.log_refused USING btree (event_id)

table log_tile
  log smallint not null
  level smallint not null
  tile bigint not null
  hashes bytea not null
  constraint log_tile_log_fkey FOREIGN KEY (log) REFERENCES log(number)
  constraint log_tile_pkey PRIMARY KEY (log, level, tile)
  CREATE UNIQUE INDEX log_tile_pkey ON public.log_tile USING btree (log, level, tile)

table login_attempt
  state_hash text not null
  browser_hash text not null
  sealed text not null
  expires_at timestamp with time zone not null
  constraint login_attempt_pkey PRIMARY KEY (state_hash)
  CREATE INDEX login_attempt_expiry ON public.login_attempt USING btree (expires_at)
  CREATE UNIQUE INDEX login_attempt_pkey ON public.login_attempt USING btree (state_hash)

table login_session
  id_hash text not null
  party uuid not null
  level integer not null
  amr ARRAY not null
  logged_in_at timestamp with time zone not null
  begun_at timestamp with time zone not null
  expires_at timestamp with time zone not null
  id uuid not null default gen_random_uuid()
  authenticated_at timestamp with time zone not null
  asked_by text
  eid_sid text
  locale text
  browser text
  device text
  constraint login_session_id_key UNIQUE (id)
  constraint login_session_level_check CHECK (((level >= 0) AND (level <= 4)))
  constraint login_session_party_fkey FOREIGN KEY (party) REFERENCES party(id)
  constraint login_session_pkey PRIMARY KEY (id_hash)
  CREATE INDEX login_session_eid_sid ON public.login_session USING btree (eid_sid) WHERE (eid_sid IS NOT NULL)
  CREATE INDEX login_session_expiry ON public.login_session USING btree (expires_at)
  CREATE INDEX login_session_party ON public.login_session USING btree (party)
  CREATE UNIQUE INDEX login_session_id_key ON public.login_session USING btree (id)
  CREATE UNIQUE INDEX login_session_pkey ON public.login_session USING btree (id_hash)

table logout_notice
  id uuid not null
  client_id text not null
  party uuid not null
  sid text not null
  due_at timestamp with time zone not null
  expires_at timestamp with time zone not null
  tries integer not null default 0
  constraint logout_notice_party_fkey FOREIGN KEY (party) REFERENCES party(id)
  constraint logout_notice_pkey PRIMARY KEY (id)
  CREATE INDEX logout_notice_due ON public.logout_notice USING btree (due_at)
  CREATE UNIQUE INDEX logout_notice_pkey ON public.logout_notice USING btree (id)

table mandate
  id uuid not null
  from_party uuid not null
  to_party uuid not null
  basis text not null
  role text
  consent_id uuid
  valid_from timestamp with time zone not null
  valid_to timestamp with time zone
  ended_at timestamp with time zone
  uses bigint not null default 0
  use_limit integer
  use_period text
  period_limit integer
  period_from timestamp with time zone
  period_uses integer not null default 0
  last_used_at timestamp with time zone
  to_kind text not null
  package text
  resource_id text
  actions ARRAY
  instance text
  through uuid
  chain ARRAY not null default '{}'::uuid[]
  may_pass_on boolean not null default false
  suspended_at timestamp with time zone
  suspended_by uuid
  given_by uuid
  given_role text
  given_at timestamp with time zone
  needs text
  evidence jsonb
  ends_told timestamp with time zone
  still_asked_at timestamp with time zone
  erasing_told_at timestamp with time zone
  erased_at timestamp with time zone
  erased_after integer
  reference text
  subunits boolean not null default true
  estate_at timestamp with time zone
  by_code uuid
  accept_by timestamp with time zone
  group_id uuid
  withheld ARRAY
  constraint mandate_accept_check CHECK (((accept_by IS NULL) OR (basis = ANY (ARRAY['delegation'::text, 'customer'::text]))))
  constraint mandate_basis_check CHECK ((basis = ANY (ARRAY['register'::text, 'delegation'::text, 'customer'::text, 'consent'::text])))
  constraint mandate_chain_check CHECK ((((through IS NOT NULL) = (cardinality(chain) > 0)) AND (cardinality(chain) <= 5)))
  constraint mandate_check CHECK (((basis = 'register'::text) = (role IS NOT NULL)))
  constraint mandate_check1 CHECK (((basis = 'consent'::text) = (consent_id IS NOT NULL)))
  constraint mandate_customer_check CHECK (((basis <> 'customer'::text) OR (through IS NOT NULL)))
  constraint mandate_from_party_fkey FOREIGN KEY (from_party) REFERENCES party(id)
  constraint mandate_given_by_fkey FOREIGN KEY (given_by) REFERENCES party(id)
  constraint mandate_grain_check CHECK ((((basis = ANY (ARRAY['delegation'::text, 'customer'::text])) = ((package IS NOT NULL) <> (resource_id IS NOT NULL))) AND ((package IS NULL) OR (resource_id IS NULL))))
  constraint mandate_group_check CHECK (((group_id IS NULL) OR (basis = 'delegation'::text)))
  constraint mandate_group_id_fkey FOREIGN KEY (group_id) REFERENCES party_group(id)
  constraint mandate_package_fkey FOREIGN KEY (package) REFERENCES access_package(code)
  constraint mandate_period_check CHECK (((use_period IS NULL) = (period_limit IS NULL)))
  constraint mandate_pkey PRIMARY KEY (id)
  constraint mandate_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES resource(id)
  constraint mandate_right_check CHECK ((((resource_id IS NOT NULL) = (actions IS NOT NULL)) AND ((instance IS NULL) OR (resource_id IS NOT NULL))))
  constraint mandate_role_fkey FOREIGN KEY (role) REFERENCES role(code)
  constraint mandate_suspended_by_fkey FOREIGN KEY (suspended_by) REFERENCES party(id)
  constraint mandate_through_fkey FOREIGN KEY (through) REFERENCES mandate(id)
  constraint mandate_to_party_fkey FOREIGN KEY (to_party) REFERENCES party(id)
  constraint mandate_use_period_check CHECK ((use_period = ANY (ARRAY['day'::text, 'week'::text, 'month'::text])))
  CREATE INDEX mandate_accept ON public.mandate USING btree (accept_by) WHERE ((accept_by IS NOT NULL) AND (ended_at IS NULL))
  CREATE INDEX mandate_by_code ON public.mandate USING btree (by_code) WHERE (by_code IS NOT NULL)
  CREATE INDEX mandate_ends ON public.mandate USING btree (valid_to) WHERE ((basis = ANY (ARRAY['delegation'::text, 'register'::text])) AND (ended_at IS NULL))
  CREATE INDEX mandate_from_organization ON public.mandate USING btree (from_party) WHERE ((basis <> 'consent'::text) AND (to_kind = ANY (ARRAY['organization'::text, 'subunit'::text])))
  CREATE INDEX mandate_group ON public.mandate USING btree (group_id, to_party) WHERE ((group_id IS NOT NULL) AND (ended_at IS NULL))
  CREATE INDEX mandate_instance ON public.mandate USING btree (instance) WHERE (instance IS NOT NULL)
  CREATE INDEX mandate_of_package ON public.mandate USING btree (package, from_party) WHERE ((basis = 'delegation'::text) AND (package IS NOT NULL) AND (ended_at IS NULL))
  CREATE INDEX mandate_pair ON public.mandate USING btree (from_party, to_party) WHERE (basis <> 'consent'::text)
  CREATE INDEX mandate_resource ON public.mandate USING btree (resource_id) WHERE ((basis = 'delegation'::text) AND (resource_id IS NOT NULL))
  CREATE INDEX mandate_still ON public.mandate USING btree (COALESCE(still_asked_at, given_at)) WHERE ((basis = 'delegation'::text) AND (ended_at IS NULL))
  CREATE INDEX mandate_through ON public.mandate USING btree (through) WHERE (through IS NOT NULL)
  CREATE INDEX mandate_to ON public.mandate USING btree (to_party) WHERE (basis <> 'consent'::text)
  CREATE UNIQUE INDEX mandate_consent ON public.mandate USING btree (consent_id) WHERE (basis = 'consent'::text)
  CREATE UNIQUE INDEX mandate_package ON public.mandate USING btree (from_party, to_party, package, through, group_id) NULLS NOT DISTINCT WHERE ((package IS NOT NULL) AND (ended_at IS NULL))
  CREATE UNIQUE INDEX mandate_pkey ON public.mandate USING btree (id)
  CREATE UNIQUE INDEX mandate_reference ON public.mandate USING btree (reference) WHERE (reference IS NOT NULL)
  CREATE UNIQUE INDEX mandate_register ON public.mandate USING btree (from_party, to_party, role) WHERE (basis = 'register'::text)
  CREATE UNIQUE INDEX mandate_right ON public.mandate USING btree (from_party, to_party, resource_id, instance, through, group_id) NULLS NOT DISTINCT WHERE ((resource_id IS NOT NULL) AND (ended_at IS NULL))
  CREATE TRIGGER access_changes_on_insert AFTER INSERT ON public.mandate FOR EACH ROW WHEN (((new.basis <> 'consent'::text) AND (new.accept_by IS NULL))) EXECUTE FUNCTION mandate_changes()
  CREATE TRIGGER access_changes_on_update AFTER UPDATE OF valid_from, valid_to, ended_at, suspended_at, accept_by, estate_at, actions, subunits, given_by, needs ON public.mandate FOR EACH ROW WHEN (((new.basis <> 'consent'::text) AND ((old.accept_by IS NULL) OR (new.accept_by IS NULL)) AND ((((((((((old.valid_from IS DISTINCT FROM new.valid_from) OR (old.valid_to IS DISTINCT FROM new.valid_to)) OR (old.ended_at IS DISTINCT FROM new.ended_at)) OR (old.suspended_at IS DISTINCT FROM new.suspended_at)) OR (old.accept_by IS DISTINCT FROM new.accept_by)) OR (old.estate_at IS DISTINCT FROM new.estate_at)) OR (old.actions IS DISTINCT FROM new.actions)) OR (old.subunits IS DISTINCT FROM new.subunits)) OR (old.given_by IS DISTINCT FROM new.given_by)) OR (old.needs IS DISTINCT FROM new.needs)))) EXECUTE FUNCTION mandate_changes()
  CREATE TRIGGER basis_of_chain AFTER UPDATE ON public.mandate FOR EACH ROW WHEN (((new.basis = ANY (ARRAY['delegation'::text, 'customer'::text])) AND ((old.suspended_at IS DISTINCT FROM new.suspended_at) OR (old.estate_at IS DISTINCT FROM new.estate_at)))) EXECUTE FUNCTION basis_of_chain()
  CREATE TRIGGER basis_of_holder AFTER INSERT ON public.mandate FOR EACH ROW WHEN ((new.basis = 'register'::text)) EXECUTE FUNCTION basis_of_holder()
  CREATE TRIGGER basis_of_holder_again AFTER UPDATE ON public.mandate FOR EACH ROW WHEN (((new.basis = 'register'::text) AND (old.ended_at IS NOT NULL) AND (new.ended_at IS NULL))) EXECUTE FUNCTION basis_of_holder()
  CREATE TRIGGER basis_of_mandate AFTER UPDATE ON public.mandate FOR EACH ROW WHEN (((new.basis = ANY (ARRAY['delegation'::text, 'customer'::text])) AND ((new.ended_at IS DISTINCT FROM old.ended_at) OR (new.valid_to IS DISTINCT FROM old.valid_to)))) EXECUTE FUNCTION basis_of_mandate()
  CREATE TRIGGER basis_of_new_role AFTER INSERT ON public.mandate FOR EACH ROW WHEN (((new.basis = 'register'::text) AND (LEAST(new.ended_at, new.valid_to) IS NOT NULL))) EXECUTE FUNCTION basis_of_role()
  CREATE TRIGGER basis_of_pause AFTER UPDATE ON public.mandate FOR EACH ROW WHEN (((new.basis = 'consent'::text) AND (old.suspended_at IS DISTINCT FROM new.suspended_at))) EXECUTE FUNCTION basis_of_pause()
  CREATE TRIGGER basis_of_role AFTER UPDATE ON public.mandate FOR EACH ROW WHEN (((new.basis = 'register'::text) AND ((new.valid_from > old.valid_from) OR ((LEAST(new.ended_at, new.valid_to) IS NOT NULL) AND ((new.ended_at IS DISTINCT FROM old.ended_at) OR (new.valid_to IS DISTINCT FROM old.valid_to)))))) EXECUTE FUNCTION basis_of_role()
  CREATE TRIGGER status_of_office AFTER UPDATE ON public.mandate FOR EACH ROW WHEN (((new.basis = 'register'::text) AND ((old.suspended_at IS DISTINCT FROM new.suspended_at) OR (old.estate_at IS DISTINCT FROM new.estate_at)))) EXECUTE FUNCTION status_of_office()

table node
  id uuid not null
  version text not null
  seals_with text not null
  accepts ARRAY not null
  started_at timestamp with time zone not null
  seen_at timestamp with time zone not null
  has_left boolean not null default false
  constraint node_pkey PRIMARY KEY (id)
  CREATE UNIQUE INDEX node_pkey ON public.node USING btree (id)

table notice
  id uuid not null
  party uuid not null
  type text not null
  mandate_id uuid
  request_id uuid
  at timestamp with time zone not null
  read_at timestamp with time zone
  consent_id uuid
  by_party uuid
  shown_at timestamp with time zone
  told_at timestamp with time zone
  constraint notice_consent_id_fkey FOREIGN KEY (consent_id) REFERENCES consent_request(id)
  constraint notice_mandate_id_fkey FOREIGN KEY (mandate_id) REFERENCES mandate(id)
  constraint notice_party_fkey FOREIGN KEY (party) REFERENCES party(id)
  constraint notice_pkey PRIMARY KEY (id)
  constraint notice_request_id_fkey FOREIGN KEY (request_id) REFERENCES access_request(id)
  CREATE INDEX notice_own ON public.notice USING btree (by_party, id) WHERE ((by_party IS NOT NULL) AND (shown_at IS NULL))
  CREATE INDEX notice_party ON public.notice USING btree (party, id)
  CREATE INDEX notice_unread ON public.notice USING btree (party) WHERE (read_at IS NULL)
  CREATE INDEX notice_untold ON public.notice USING btree (id) WHERE (told_at IS NULL)
  CREATE UNIQUE INDEX notice_of_first_use ON public.notice USING btree (mandate_id) WHERE (type = 'mandate_used'::text)
  CREATE UNIQUE INDEX notice_pkey ON public.notice USING btree (id)

table notice_delivery
  id uuid not null
  person uuid not null
  channel text not null
  kind text not null
  notices ARRAY not null
  state text not null default 'waiting'::text
  why text
  tries integer not null default 0
  made_at timestamp with time zone not null
  due_at timestamp with time zone not null
  next_at timestamp with time zone not null
  taken_until timestamp with time zone
  settled_at timestamp with time zone
  constraint notice_delivery_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text, 'either'::text])))
  constraint notice_delivery_person_fkey FOREIGN KEY (person) REFERENCES party(id)
  constraint notice_delivery_pkey PRIMARY KEY (id)
  constraint notice_delivery_settled CHECK (((state = 'waiting'::text) = (settled_at IS NULL)))
  constraint notice_delivery_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'dead'::text, 'dropped'::text])))
  CREATE INDEX notice_delivery_due ON public.notice_delivery USING btree (next_at) WHERE ((state = 'waiting'::text) AND (kind <> ALL (ARRAY['done'::text, 'turned'::text, 'for_other'::text])))
  CREATE INDEX notice_delivery_old ON public.notice_delivery USING btree (settled_at) WHERE (settled_at IS NOT NULL)
  CREATE INDEX notice_delivery_person ON public.notice_delivery USING btree (person, kind, channel) WHERE (state = ANY (ARRAY['waiting'::text, 'sent'::text]))
  CREATE INDEX notice_delivery_urgent ON public.notice_delivery USING btree (next_at) WHERE ((state = 'waiting'::text) AND (kind = ANY (ARRAY['done'::text, 'turned'::text, 'for_other'::text])))
  CREATE UNIQUE INDEX notice_delivery_pkey ON public.notice_delivery USING btree (id)

table oauth_client
  client_id text not null
  owner uuid
  metadata jsonb not null
  constraint oauth_client_owner_fkey FOREIGN KEY (owner) REFERENCES party(id)
  constraint oauth_client_pkey PRIMARY KEY (client_id)
  CREATE UNIQUE INDEX oauth_client_pkey ON public.oauth_client USING btree (client_id)
  CREATE TRIGGER status_of_client AFTER UPDATE ON public.oauth_client FOR EACH ROW WHEN (((old.owner IS DISTINCT FROM new.owner) OR ((old.metadata -> 'authorization_details_types'::text) IS DISTINCT FROM (new.metadata -> 'authorization_details_types'::text)))) EXECUTE FUNCTION status_of_client()
  CREATE TRIGGER status_of_gone_client AFTER DELETE ON public.oauth_client FOR EACH ROW EXECUTE FUNCTION status_of_client()

table offline_permission
  id uuid not null
  person uuid not null
  client_id text not null
  allowed_at timestamp with time zone not null
  shown jsonb not null
  ended_at timestamp with time zone
  constraint offline_permission_person_fkey FOREIGN KEY (person) REFERENCES party(id)
  constraint offline_permission_pkey PRIMARY KEY (id)
  CREATE UNIQUE INDEX offline_permission_once ON public.offline_permission USING btree (person, client_id) WHERE (ended_at IS NULL)
  CREATE UNIQUE INDEX offline_permission_pkey ON public.offline_permission USING btree (id)

table oidc_state
  model text not null
  id_hash text not null
  payload jsonb not null
  grant_id text
  uid text
  consumed_at timestamp with time zone
  successor text
  used_at timestamp with time zone
  expires_at timestamp with time zone
  status_place bigint
  constraint oidc_state_pkey PRIMARY KEY (model, id_hash)
  CREATE INDEX oidc_state_client ON public.oidc_state USING btree (((payload ->> 'clientId'::text))) WHERE (model = 'Grant'::text)
  CREATE INDEX oidc_state_consent ON public.oidc_state USING btree (((payload #>> '{rar,0,id}'::text[]))) WHERE (model = 'Grant'::text)
  CREATE INDEX oidc_state_expiry ON public.oidc_state USING btree (expires_at)
  CREATE INDEX oidc_state_grant ON public.oidc_state USING btree (grant_id) WHERE (grant_id IS NOT NULL)
  CREATE INDEX oidc_state_person ON public.oidc_state USING btree (((payload ->> 'accountId'::text))) WHERE (model = 'Grant'::text)
  CREATE INDEX oidc_state_uid ON public.oidc_state USING btree (model, uid) WHERE (uid IS NOT NULL)
  CREATE UNIQUE INDEX oidc_state_pkey ON public.oidc_state USING btree (model, id_hash)
  CREATE UNIQUE INDEX oidc_state_place ON public.oidc_state USING btree (status_place) WHERE (status_place IS NOT NULL)
  CREATE TRIGGER status_of_grant AFTER DELETE ON public.oidc_state FOR EACH ROW WHEN (((old.status_place IS NOT NULL) AND (old.expires_at > now()))) EXECUTE FUNCTION status_of_grant()

table operator_act
  id uuid not null
  at timestamp with time zone not null
  command text not null
  detail jsonb not null
  is_logged boolean not null default false
  constraint operator_act_pkey PRIMARY KEY (id)
  CREATE INDEX operator_act_unlogged ON public.operator_act USING btree (id) WHERE (NOT is_logged)
  CREATE UNIQUE INDEX operator_act_pkey ON public.operator_act USING btree (id)
  CREATE TRIGGER operator_act_append_only BEFORE DELETE OR UPDATE OF id, at, command, detail ON public.operator_act FOR EACH STATEMENT EXECUTE FUNCTION operator_act_is_append_only()

table owner_change
  id bigint not null
  due_at timestamp with time zone not null
  cause text not null
  mandate_id uuid
  party uuid
  parents ARRAY not null default '{}'::uuid[]
  resource_id text
  list_id text

table owner_feed
  position bigint not null
  owner uuid not null
  id uuid not null
  at timestamp with time zone not null
  type text not null
  cause text not null
  event_id uuid
  mandate_id uuid
  party uuid
  resources ARRAY not null
  parties ARRAY not null
  constraint owner_feed_pkey PRIMARY KEY ("position")
  CREATE INDEX owner_feed_owner ON public.owner_feed USING btree (owner, "position")
  CREATE UNIQUE INDEX owner_feed_once ON public.owner_feed USING btree (event_id, owner) WHERE (event_id IS NOT NULL)
  CREATE UNIQUE INDEX owner_feed_pkey ON public.owner_feed USING btree ("position")

table package_growth
  id bigint not null
  package text not null
  resource_id text not null
  at timestamp with time zone not null
  reached uuid not null default '00000000-0000-0000-0000-000000000000'::uuid
  constraint package_growth_pkey PRIMARY KEY (id)
  constraint package_growth_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES resource(id)
  CREATE UNIQUE INDEX package_growth_pkey ON public.package_growth USING btree (id)

table package_registrar
  owner uuid not null
  package text not null
  constraint package_registrar_owner_fkey FOREIGN KEY (owner) REFERENCES party(id)
  constraint package_registrar_package_fkey FOREIGN KEY (package) REFERENCES access_package(code)
  constraint package_registrar_pkey PRIMARY KEY (owner, package)
  CREATE UNIQUE INDEX package_registrar_pkey ON public.package_registrar USING btree (owner, package)

table party
  id uuid not null
  party_id bigint not null
  user_id bigint
  kind text not null
  person_no text
  organization_no text
  name text not null
  parent uuid
  unit_type text
  ended_at timestamp with time zone
  username text
  owner uuid
  system_id text
  system_kind text
  suspended_at timestamp with time zone
  born_on date
  protected_address boolean not null default false
  estate_at timestamp with time zone
  estate_on date
  estate_court text
  parent_at timestamp with time zone
  signing jsonb
  constraint party_check CHECK (((suspended_at IS NULL) OR (kind = 'system_user'::text)))
  constraint party_check2 CHECK (((kind = 'subunit'::text) OR (parent IS NULL)))
  constraint party_kind_check CHECK ((kind = ANY (ARRAY['person'::text, 'organization'::text, 'subunit'::text, 'system_user'::text, 'self_identified'::text])))
  constraint party_organization_no_check CHECK (((kind = ANY (ARRAY['organization'::text, 'subunit'::text])) = (organization_no IS NOT NULL)))
  constraint party_organization_no_key UNIQUE (organization_no)
  constraint party_owner_fkey FOREIGN KEY (owner) REFERENCES party(id)
  constraint party_parent_fkey FOREIGN KEY (parent) REFERENCES party(id)
  constraint party_party_id_key UNIQUE (party_id)
  constraint party_person_no_check CHECK (((kind = 'person'::text) = (person_no IS NOT NULL)))
  constraint party_person_no_key UNIQUE (person_no)
  constraint party_pkey PRIMARY KEY (id)
  constraint party_system_check CHECK ((((kind = 'system_user'::text) = (owner IS NOT NULL)) AND ((kind = 'system_user'::text) = (system_id IS NOT NULL)) AND ((kind = 'system_user'::text) = (system_kind IS NOT NULL))))
  constraint party_system_kind_check CHECK ((system_kind = ANY (ARRAY['standard'::text, 'agent'::text])))
  constraint party_user_id_key UNIQUE (user_id)
  constraint party_username_check CHECK (((kind = 'self_identified'::text) = (username IS NOT NULL)))
  constraint party_username_key UNIQUE (username)
  CREATE INDEX party_owner ON public.party USING btree (owner) WHERE (owner IS NOT NULL)
  CREATE INDEX party_parent ON public.party USING btree (parent) WHERE (parent IS NOT NULL)
  CREATE UNIQUE INDEX party_organization_no_key ON public.party USING btree (organization_no)
  CREATE UNIQUE INDEX party_party_id_key ON public.party USING btree (party_id)
  CREATE UNIQUE INDEX party_person_no_key ON public.party USING btree (person_no)
  CREATE UNIQUE INDEX party_pkey ON public.party USING btree (id)
  CREATE UNIQUE INDEX party_user_id_key ON public.party USING btree (user_id)
  CREATE UNIQUE INDEX party_username_key ON public.party USING btree (username)
  CREATE TRIGGER access_changes_on_insert AFTER INSERT ON public.party FOR EACH ROW WHEN (((new.parent IS NOT NULL) OR (new.ended_at IS NOT NULL))) EXECUTE FUNCTION party_changes()
  CREATE TRIGGER access_changes_on_update AFTER UPDATE ON public.party FOR EACH ROW WHEN (((((((((old.kind IS DISTINCT FROM new.kind) OR (old.ended_at IS DISTINCT FROM new.ended_at)) OR (old.parent IS DISTINCT FROM new.parent)) OR (old.unit_type IS DISTINCT FROM new.unit_type)) OR (old.username IS DISTINCT FROM new.username)) OR (old.organization_no IS DISTINCT FROM new.organization_no)) OR (old.estate_at IS DISTINCT FROM new.estate_at)) OR (old.suspended_at IS DISTINCT FROM new.suspended_at))) EXECUTE FUNCTION party_changes()
  CREATE TRIGGER basis_of_party AFTER UPDATE ON public.party FOR EACH ROW WHEN (((new.ended_at IS DISTINCT FROM old.ended_at) OR (new.born_on IS DISTINCT FROM old.born_on))) EXECUTE FUNCTION basis_of_party()
  CREATE TRIGGER status_of_party AFTER UPDATE OF ended_at ON public.party FOR EACH ROW WHEN ((old.ended_at IS DISTINCT FROM new.ended_at)) EXECUTE FUNCTION status_of_party()

table party_group
  id uuid not null
  party uuid not null
  name text not null
  responsible uuid not null
  made_by uuid not null
  made_at timestamp with time zone not null
  ended_at timestamp with time zone
  constraint party_group_made_by_fkey FOREIGN KEY (made_by) REFERENCES party(id)
  constraint party_group_party_fkey FOREIGN KEY (party) REFERENCES party(id)
  constraint party_group_pkey PRIMARY KEY (id)
  constraint party_group_responsible_fkey FOREIGN KEY (responsible) REFERENCES party(id)
  CREATE UNIQUE INDEX party_group_name ON public.party_group USING btree (party, lower(name)) WHERE (ended_at IS NULL)
  CREATE UNIQUE INDEX party_group_pkey ON public.party_group USING btree (id)

table person_lookup
  actor uuid not null
  failed integer not null
  since timestamp with time zone not null
  constraint person_lookup_actor_fkey FOREIGN KEY (actor) REFERENCES party(id)
  constraint person_lookup_pkey PRIMARY KEY (actor)
  CREATE UNIQUE INDEX person_lookup_pkey ON public.person_lookup USING btree (actor)

table policy_publication
  id bigint not null
  resource_id text not null
  version bigint not null
  at timestamp with time zone not null
  by_party uuid
  comment text
  constraint policy_publication_by_party_fkey FOREIGN KEY (by_party) REFERENCES party(id)
  constraint policy_publication_pkey PRIMARY KEY (id)
  constraint policy_publication_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES resource(id)
  constraint policy_publication_version_fkey FOREIGN KEY (version) REFERENCES policy_version(version)
  CREATE INDEX policy_publication_resource ON public.policy_publication USING btree (resource_id, id)
  CREATE UNIQUE INDEX policy_publication_pkey ON public.policy_publication USING btree (id)

table policy_rule
  resource_id text not null
  action text not null
  subject_kind text not null
  subject text not null default ''::text
  constraint policy_rule_pkey PRIMARY KEY (resource_id, action, subject_kind, subject)
  constraint policy_rule_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES resource(id)
  CREATE INDEX policy_rule_subject ON public.policy_rule USING btree (subject_kind, subject)
  CREATE UNIQUE INDEX policy_rule_pkey ON public.policy_rule USING btree (resource_id, action, subject_kind, subject)

table policy_version
  version bigint not null
  resource_id text not null
  hash text not null
  content jsonb not null
  created_at timestamp with time zone not null
  constraint policy_version_pkey PRIMARY KEY (version)
  constraint policy_version_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES resource(id) DEFERRABLE INITIALLY DEFERRED
  constraint policy_version_resource_id_hash_key UNIQUE (resource_id, hash)
  CREATE INDEX policy_version_open ON public.policy_version USING btree (version) WHERE ((content ->> 'combining'::text) = 'permit-unless-deny'::text)
  CREATE UNIQUE INDEX policy_version_pkey ON public.policy_version USING btree (version)
  CREATE UNIQUE INDEX policy_version_resource_id_hash_key ON public.policy_version USING btree (resource_id, hash)

table profile
  person uuid not null
  language text
  favourites ARRAY not null default '{}'::uuid[]
  constraint profile_language_check CHECK ((language = ANY (ARRAY['nb'::text, 'nn'::text, 'en'::text])))
  constraint profile_person_fkey FOREIGN KEY (person) REFERENCES party(id)
  constraint profile_pkey PRIMARY KEY (person)
  CREATE UNIQUE INDEX profile_pkey ON public.profile USING btree (person)

table qualification
  party uuid not null
  kind text not null
  valid_from timestamp with time zone not null
  ended_at timestamp with time zone
  constraint qualification_party_fkey FOREIGN KEY (party) REFERENCES party(id)
  constraint qualification_pkey PRIMARY KEY (party, kind)
  CREATE UNIQUE INDEX qualification_pkey ON public.qualification USING btree (party, kind)
  CREATE TRIGGER access_changes_on_insert AFTER INSERT OR DELETE ON public.qualification FOR EACH ROW EXECUTE FUNCTION fact_changes('party', 'valid_from', 'ended_at')
  CREATE TRIGGER access_changes_on_update AFTER UPDATE ON public.qualification FOR EACH ROW WHEN (((old.valid_from IS DISTINCT FROM new.valid_from) OR (old.ended_at IS DISTINCT FROM new.ended_at))) EXECUTE FUNCTION fact_changes('party', 'valid_from', 'ended_at')
  CREATE TRIGGER basis_of_qualification AFTER INSERT OR UPDATE ON public.qualification FOR EACH ROW EXECUTE FUNCTION basis_of_qualification()

table rate_limit
  key character varying not null
  points integer not null default 0
  expire bigint
  constraint rate_limit_pkey PRIMARY KEY (key)
  CREATE INDEX rate_limit_expire ON public.rate_limit USING btree (expire)
  CREATE UNIQUE INDEX rate_limit_pkey ON public.rate_limit USING btree (key)

table recent_party
  person uuid not null
  party uuid not null
  at timestamp with time zone not null
  constraint recent_party_party_fkey FOREIGN KEY (party) REFERENCES party(id)
  constraint recent_party_person_fkey FOREIGN KEY (person) REFERENCES party(id)
  constraint recent_party_pkey PRIMARY KEY (person, party)
  CREATE UNIQUE INDEX recent_party_pkey ON public.recent_party USING btree (person, party)

table register_aside
  id uuid not null
  source text not null
  relation text not null
  number text not null
  line text not null
  why text not null
  at timestamp with time zone not null
  catalogue bigint not null
  waits ARRAY
  constraint register_aside_pkey PRIMARY KEY (id)
  constraint register_aside_source_fkey FOREIGN KEY (source) REFERENCES register_cursor(source)
  constraint register_aside_source_relation_key UNIQUE (source, relation)
  CREATE UNIQUE INDEX register_aside_pkey ON public.register_aside USING btree (id)
  CREATE UNIQUE INDEX register_aside_source_relation_key ON public.register_aside USING btree (source, relation)

table register_comparison
  id uuid not null
  source text not null
  asked_at timestamp with time zone
  begun_at timestamp with time zone
  run uuid
  after uuid not null default '00000000-0000-0000-0000-000000000000'::uuid
  is_walked boolean not null default false
  checked bigint not null default 0
  facts bigint not null default 0
  extra bigint not null default 0
  found bigint not null default 0
  ended bigint not null default 0
  begun bigint not null default 0
  held_back text
  ended_at timestamp with time zone
  constraint register_comparison_pkey PRIMARY KEY (id)
  CREATE INDEX register_comparison_ended ON public.register_comparison USING btree (ended_at)
  CREATE INDEX register_comparison_source ON public.register_comparison USING btree (source, id)
  CREATE UNIQUE INDEX register_comparison_open ON public.register_comparison USING btree (source) WHERE (ended_at IS NULL)
  CREATE UNIQUE INDEX register_comparison_pkey ON public.register_comparison USING btree (id)

table register_cursor
  source text not null
  cursor text not null
  moved_at timestamp with time zone not null
  fault text
  fault_at timestamp with time zone
  unnamed integer not null default 0
  read_at timestamp with time zone
  constraint register_cursor_pkey PRIMARY KEY (source)
  CREATE UNIQUE INDEX register_cursor_pkey ON public.register_cursor USING btree (source)

table register_difference
  comparison uuid not null
  party uuid not null
  what text not null
  ours jsonb
  theirs jsonb
  done text
  extra bigint not null default 0
  is_open boolean not null
  constraint register_difference_comparison_fkey FOREIGN KEY (comparison) REFERENCES register_comparison(id) ON DELETE CASCADE
  constraint register_difference_pkey PRIMARY KEY (comparison, party, what)
  CREATE INDEX register_difference_open ON public.register_difference USING btree (comparison, party) WHERE is_open
  CREATE UNIQUE INDEX register_difference_pkey ON public.register_difference USING btree (comparison, party, what)

table relation
  from_party uuid not null
  to_party uuid not null
  kind text not null
  id uuid not null
  by_party uuid not null
  at timestamp with time zone not null
  ended_at timestamp with time zone
  constraint relation_by_party_fkey FOREIGN KEY (by_party) REFERENCES party(id)
  constraint relation_from_party_fkey FOREIGN KEY (from_party) REFERENCES party(id)
  constraint relation_id_key UNIQUE (id)
  constraint relation_kind_check CHECK ((kind = ANY (ARRAY['rightholder'::text, 'agent'::text, 'supplier'::text])))
  constraint relation_pkey PRIMARY KEY (from_party, to_party, kind)
  constraint relation_to_party_fkey FOREIGN KEY (to_party) REFERENCES party(id)
  CREATE INDEX relation_to ON public.relation USING btree (to_party, kind) WHERE (ended_at IS NULL)
  CREATE UNIQUE INDEX relation_id_key ON public.relation USING btree (id)
  CREATE UNIQUE INDEX relation_pkey ON public.relation USING btree (from_party, to_party, kind)

table replay_mark
  id text not null
  expires_at timestamp with time zone not null
  constraint replay_mark_pkey PRIMARY KEY (id)
  CREATE INDEX replay_mark_expiry ON public.replay_mark USING btree (expires_at)
  CREATE UNIQUE INDEX replay_mark_pkey ON public.replay_mark USING btree (id)

table resource
  id text not null
  owner uuid not null
  type text not null
  current_version bigint not null
  policy_version bigint
  access_list_mode boolean not null default false
  changed_at timestamp with time zone
  ended_at timestamp with time zone
  constraint resource_owner_fkey FOREIGN KEY (owner) REFERENCES party(id)
  constraint resource_pkey PRIMARY KEY (id)
  constraint resource_policy_version_fkey FOREIGN KEY (policy_version) REFERENCES policy_version(version)
  CREATE UNIQUE INDEX resource_pkey ON public.resource USING btree (id)
  CREATE TRIGGER access_changes_on_update AFTER UPDATE ON public.resource FOR EACH ROW WHEN ((((((old.owner IS DISTINCT FROM new.owner) OR (old.current_version IS DISTINCT FROM new.current_version)) OR (old.policy_version IS DISTINCT FROM new.policy_version)) OR (old.access_list_mode IS DISTINCT FROM new.access_list_mode)) OR (old.ended_at IS DISTINCT FROM new.ended_at))) EXECUTE FUNCTION service_changes('all')
  CREATE TRIGGER basis_of_resource AFTER UPDATE ON public.resource FOR EACH ROW WHEN (((new.ended_at IS NOT NULL) AND (new.ended_at IS DISTINCT FROM old.ended_at))) EXECUTE FUNCTION basis_of_resource()

table resource_instance
  resource_id text not null
  instance text not null
  party uuid not null
  attributes jsonb not null
  changed_at timestamp with time zone not null
  ended_at timestamp with time zone
  constraint resource_instance_party_fkey FOREIGN KEY (party) REFERENCES party(id)
  constraint resource_instance_pkey PRIMARY KEY (resource_id, instance)
  constraint resource_instance_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES resource(id)
  CREATE INDEX resource_instance_name ON public.resource_instance USING btree (instance) WHERE (ended_at IS NULL)
  CREATE UNIQUE INDEX resource_instance_pkey ON public.resource_instance USING btree (resource_id, instance)
  CREATE TRIGGER access_changes_on_insert AFTER INSERT OR DELETE ON public.resource_instance FOR EACH ROW EXECUTE FUNCTION service_changes('party')
  CREATE TRIGGER access_changes_on_update AFTER UPDATE ON public.resource_instance FOR EACH ROW WHEN ((((old.party IS DISTINCT FROM new.party) OR (old.attributes IS DISTINCT FROM new.attributes)) OR (old.ended_at IS DISTINCT FROM new.ended_at))) EXECUTE FUNCTION service_changes('party')

table resource_server
  identifier text not null
  owner uuid not null
  scopes ARRAY not null
  signing_alg text not null
  checks_status boolean not null default false
  constraint resource_server_owner_fkey FOREIGN KEY (owner) REFERENCES party(id)
  constraint resource_server_pkey PRIMARY KEY (identifier)
  constraint resource_server_signing_alg_check CHECK ((signing_alg = ANY (ARRAY['RS256'::text, 'ES256'::text])))
  CREATE UNIQUE INDEX resource_server_pkey ON public.resource_server USING btree (identifier)

table resource_version
  version bigint not null
  resource_id text not null
  hash text not null
  content jsonb not null
  created_at timestamp with time zone not null
  constraint resource_version_pkey PRIMARY KEY (version)
  constraint resource_version_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES resource(id) DEFERRABLE INITIALLY DEFERRED
  constraint resource_version_resource_id_hash_key UNIQUE (resource_id, hash)
  CREATE UNIQUE INDEX resource_version_pkey ON public.resource_version USING btree (version)
  CREATE UNIQUE INDEX resource_version_resource_id_hash_key ON public.resource_version USING btree (resource_id, hash)

table restoration
  epoch integer not null
  point timestamp with time zone not null
  at timestamp with time zone not null
  constraint restoration_pkey PRIMARY KEY (epoch)
  CREATE UNIQUE INDEX restoration_pkey ON public.restoration USING btree (epoch)
  CREATE TRIGGER restoration_append_only BEFORE DELETE OR UPDATE ON public.restoration FOR EACH STATEMENT EXECUTE FUNCTION restoration_is_append_only()

table revoked_token
  jti text not null
  expires_at timestamp with time zone not null
  constraint revoked_token_pkey PRIMARY KEY (jti)
  CREATE UNIQUE INDEX revoked_token_pkey ON public.revoked_token USING btree (jti)

table role
  code text not null
  name jsonb not null
  key_role boolean not null default false
  given_by text not null
  urns ARRAY not null default '{}'::text[]
  source text
  after_death boolean not null default false
  reaches_owner boolean not null default false
  not_key_in ARRAY not null default '{}'::text[]
  usable_by ARRAY
  constraint role_given_by_check CHECK ((given_by = ANY (ARRAY['person'::text, 'organization'::text])))
  constraint role_pkey PRIMARY KEY (code)
  constraint role_source_fkey FOREIGN KEY (source) REFERENCES source(code)
  CREATE UNIQUE INDEX role_pkey ON public.role USING btree (code)

table role_package
  role text not null
  package text not null
  unit_type text not null default ''::text
  has_access boolean not null
  may_give boolean not null
  constraint role_package_package_fkey FOREIGN KEY (package) REFERENCES access_package(code)
  constraint role_package_pkey PRIMARY KEY (role, package, unit_type)
  constraint role_package_role_fkey FOREIGN KEY (role) REFERENCES role(code)
  CREATE UNIQUE INDEX role_package_pkey ON public.role_package USING btree (role, package, unit_type)

table schema_version
  version text not null
  serves_from text not null
  constraint schema_version_pkey PRIMARY KEY (version)
  CREATE UNIQUE INDEX schema_version_pkey ON public.schema_version USING btree (version)

table scope_prefix
  prefix text not null
  owner uuid not null
  constraint scope_prefix_owner_fkey FOREIGN KEY (owner) REFERENCES party(id)
  constraint scope_prefix_pkey PRIMARY KEY (prefix)
  CREATE INDEX scope_prefix_owner ON public.scope_prefix USING btree (owner)
  CREATE UNIQUE INDEX scope_prefix_pkey ON public.scope_prefix USING btree (prefix)

table search_log partition by RANGE (id)
  id uuid not null
  at timestamp with time zone not null
  caller text not null
  kind text not null
  subject uuid
  from_party uuid
  resource_id text
  action text
  parties ARRAY not null
  constraint search_log_kind_check CHECK ((kind = ANY (ARRAY['subject'::text, 'resource'::text, 'action'::text, 'authorized_parties'::text])))
  constraint search_log_pkey PRIMARY KEY (id)
  CREATE INDEX search_log_parties ON ONLY public.search_log USING gin (parties)
  CREATE UNIQUE INDEX search_log_pkey ON ONLY public.search_log USING btree (id)

table seeded_file
  path text not null
  loaded_at timestamp with time zone not null
  constraint seeded_file_pkey PRIMARY KEY (path)
  CREATE UNIQUE INDEX seeded_file_pkey ON public.seeded_file USING btree (path)

table session_client
  session_id uuid not null
  client_id text not null
  sid text not null
  since timestamp with time zone not null
  constraint session_client_pkey PRIMARY KEY (session_id, client_id)
  constraint session_client_session_id_fkey FOREIGN KEY (session_id) REFERENCES login_session(id) ON DELETE CASCADE
  CREATE INDEX session_client_sid ON public.session_client USING btree (sid)
  CREATE UNIQUE INDEX session_client_pkey ON public.session_client USING btree (session_id, client_id)

table session_grant
  grant_id text not null
  session_id uuid not null
  client_id text not null
  constraint session_grant_pkey PRIMARY KEY (grant_id)
  constraint session_grant_session_id_client_id_fkey FOREIGN KEY (session_id, client_id) REFERENCES session_client(session_id, client_id) ON UPDATE CASCADE ON DELETE CASCADE
  CREATE INDEX session_grant_client ON public.session_grant USING btree (session_id, client_id)
  CREATE UNIQUE INDEX session_grant_pkey ON public.session_grant USING btree (grant_id)

table signal_delivery
  stream_id uuid not null
  event_id uuid not null
  subject uuid
  pos bigint not null
  kind text not null
  is_state boolean not null
  said jsonb not null
  state text not null default 'waiting'::text
  why text
  tries integer not null default 0
  made_at timestamp with time zone not null
  next_at timestamp with time zone not null
  taken_until timestamp with time zone
  settled_at timestamp with time zone
  constraint signal_delivery_pkey PRIMARY KEY (stream_id, event_id)
  constraint signal_delivery_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'dead'::text, 'let_go'::text, 'superseded'::text, 'dropped'::text])))
  constraint signal_delivery_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES signal_stream(id)
  CREATE INDEX signal_delivery_again ON public.signal_delivery USING btree (stream_id, next_at) WHERE ((state = 'waiting'::text) AND (tries > 0))
  CREATE INDEX signal_delivery_dead ON public.signal_delivery USING btree (stream_id, pos) WHERE (state = 'dead'::text)
  CREATE INDEX signal_delivery_lately ON public.signal_delivery USING btree (stream_id, settled_at) WHERE (state = 'delivered'::text)
  CREATE INDEX signal_delivery_own ON public.signal_delivery USING btree (stream_id) WHERE ((state = 'waiting'::text) AND (kind = ANY (ARRAY['verification'::text, 'stream-updated'::text])))
  CREATE INDEX signal_delivery_settled ON public.signal_delivery USING btree (settled_at) WHERE (settled_at IS NOT NULL)
  CREATE INDEX signal_delivery_stops ON public.signal_delivery USING btree (stream_id, pos) WHERE ((state = 'waiting'::text) AND (tries = 0) AND (kind = ANY (ARRAY['consent-deleted'::text, 'consent-refused'::text, 'consent-replaced'::text, 'consent-withdrawn'::text, 'consent-fallen'::text, 'consent-expired'::text, 'mandate-ended'::text, 'consent-suspended'::text, 'mandate-suspended'::text])))
  CREATE INDEX signal_delivery_subject ON public.signal_delivery USING btree (stream_id, subject, pos) WHERE is_state
  CREATE INDEX signal_delivery_waiting ON public.signal_delivery USING btree (stream_id, tries, pos) WHERE (state = 'waiting'::text)
  CREATE UNIQUE INDEX signal_delivery_pkey ON public.signal_delivery USING btree (stream_id, event_id)

table signal_pending
  event_id uuid not null
  after jsonb
  constraint signal_pending_pkey PRIMARY KEY (event_id)
  CREATE UNIQUE INDEX signal_pending_pkey ON public.signal_pending USING btree (event_id)

table signal_removed
  stream_id uuid not null
  subject uuid not null
  constraint signal_removed_pkey PRIMARY KEY (stream_id, subject)
  constraint signal_removed_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES signal_stream(id)
  CREATE UNIQUE INDEX signal_removed_pkey ON public.signal_removed USING btree (stream_id, subject)

table signal_stream
  id uuid not null
  owner uuid not null
  client text not null
  supplier uuid
  method text not null
  endpoint text
  authorization_header text
  secret text
  other_secret text
  other_until timestamp with time zone
  description text
  kinds ARRAY
  status text not null default 'enabled'::text
  reason text
  stopped boolean not null default false
  paused_at timestamp with time zone
  made_at timestamp with time zone not null
  verified_at timestamp with time zone
  verification_at timestamp with time zone
  ended_at timestamp with time zone
  constraint signal_stream_endpoint CHECK (((method = 'poll'::text) = (endpoint IS NULL)))
  constraint signal_stream_method_check CHECK ((method = ANY (ARRAY['push'::text, 'poll'::text, 'webhook'::text])))
  constraint signal_stream_owner_fkey FOREIGN KEY (owner) REFERENCES party(id)
  constraint signal_stream_pkey PRIMARY KEY (id)
  constraint signal_stream_secret CHECK (((method = 'webhook'::text) = (secret IS NOT NULL)))
  constraint signal_stream_status_check CHECK ((status = ANY (ARRAY['enabled'::text, 'paused'::text, 'disabled'::text])))
  constraint signal_stream_supplier_fkey FOREIGN KEY (supplier) REFERENCES party(id)
  CREATE INDEX signal_stream_client ON public.signal_stream USING btree (client) WHERE (ended_at IS NULL)
  CREATE INDEX signal_stream_owner ON public.signal_stream USING btree (owner) WHERE (ended_at IS NULL)
  CREATE UNIQUE INDEX signal_stream_pkey ON public.signal_stream USING btree (id)

table signing_key
  kid text not null
  alg text not null
  public_jwk jsonb not null
  private_jwk_sealed text
  created_at timestamp with time zone not null
  active_from timestamp with time zone not null
  retired_at timestamp with time zone
  constraint signing_key_alg_check CHECK ((alg = ANY (ARRAY['RS256'::text, 'ES256'::text])))
  constraint signing_key_pkey PRIMARY KEY (kid)
  CREATE UNIQUE INDEX signing_key_pkey ON public.signing_key USING btree (kid)
  CREATE UNIQUE INDEX signing_key_slot ON public.signing_key USING btree (alg, active_from)

table silence
  party uuid not null
  sender uuid not null
  at timestamp with time zone not null
  by_party uuid not null
  of_consent boolean not null default false
  constraint silence_by_party_fkey FOREIGN KEY (by_party) REFERENCES party(id)
  constraint silence_party_fkey FOREIGN KEY (party) REFERENCES party(id)
  constraint silence_pkey PRIMARY KEY (party, sender)
  constraint silence_sender_fkey FOREIGN KEY (sender) REFERENCES party(id)
  CREATE UNIQUE INDEX silence_pkey ON public.silence USING btree (party, sender)

table source
  code text not null
  name jsonb not null
  legal_basis jsonb not null
  purpose jsonb not null
  visibility text not null
  usable_by ARRAY
  constraint source_pkey PRIMARY KEY (code)
  constraint source_visibility_check CHECK ((visibility = ANY (ARRAY['open'::text, 'secret'::text])))
  CREATE UNIQUE INDEX source_pkey ON public.source USING btree (code)

table status_bit
  place bigint not null
  bit smallint not null
  changed bigint not null
  constraint status_bit_bit_check CHECK (("bit" = ANY (ARRAY[0, 1, 2])))
  constraint status_bit_pkey PRIMARY KEY (place)
  CREATE INDEX status_bit_changed ON public.status_bit USING btree (changed)
  CREATE UNIQUE INDEX status_bit_pkey ON public.status_bit USING btree (place)

table status_key
  id boolean not null default true
  key uuid not null default gen_random_uuid()
  constraint status_key_id_check CHECK (id)
  constraint status_key_pkey PRIMARY KEY (id)
  CREATE UNIQUE INDEX status_key_pkey ON public.status_key USING btree (id)

table status_pending
  id uuid not null default gen_random_uuid()
  consent_id uuid
  place bigint
  due_at timestamp with time zone not null default '-infinity'::timestamp with time zone
  constraint status_pending_check CHECK ((num_nonnulls(consent_id, place) = 1))
  constraint status_pending_pkey PRIMARY KEY (id)
  CREATE INDEX status_pending_due ON public.status_pending USING btree (due_at)
  CREATE UNIQUE INDEX status_pending_pkey ON public.status_pending USING btree (id)

table support_case
  id uuid not null
  staff uuid not null
  party uuid not null
  case_no text not null
  reason text not null
  opened_at timestamp with time zone not null
  was_protected boolean not null
  approved_by uuid
  approved_at timestamp with time zone
  constraint support_case_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES party(id)
  constraint support_case_check CHECK ((staff <> party))
  constraint support_case_check1 CHECK (((approved_by <> staff) AND (approved_by <> party)))
  constraint support_case_check2 CHECK (((approved_by IS NULL) = (approved_at IS NULL)))
  constraint support_case_party_fkey FOREIGN KEY (party) REFERENCES party(id)
  constraint support_case_pkey PRIMARY KEY (id)
  constraint support_case_reason_check CHECK ((reason = ANY (ARRAY['asked'::text, 'fault'::text, 'complaint'::text, 'letter'::text])))
  constraint support_case_staff_fkey FOREIGN KEY (staff) REFERENCES party(id)
  CREATE INDEX support_case_approved_by ON public.support_case USING btree (approved_by) WHERE (approved_by IS NOT NULL)
  CREATE INDEX support_case_party ON public.support_case USING btree (party)
  CREATE INDEX support_case_staff ON public.support_case USING btree (staff)
  CREATE INDEX support_case_waiting ON public.support_case USING btree (opened_at) WHERE (approved_by IS NULL)
  CREATE UNIQUE INDEX support_case_pkey ON public.support_case USING btree (id)

table support_suspension
  mandate_id uuid not null
  case_id uuid not null
  at timestamp with time zone not null
  constraint support_suspension_case_id_fkey FOREIGN KEY (case_id) REFERENCES support_case(id)
  constraint support_suspension_mandate_id_fkey FOREIGN KEY (mandate_id) REFERENCES mandate(id) ON DELETE CASCADE
  constraint support_suspension_pkey PRIMARY KEY (mandate_id)
  CREATE INDEX support_suspension_case ON public.support_suspension USING btree (case_id)
  CREATE UNIQUE INDEX support_suspension_pkey ON public.support_suspension USING btree (mandate_id)

table system_request
  id uuid not null
  system_id text not null
  customer uuid not null
  external_ref text not null default ''::text
  system_party uuid
  is_change boolean not null
  packages ARRAY not null
  resources ARRAY not null
  end_packages ARRAY not null
  end_resources ARRAY not null
  redirect_url text
  state text not null
  created_at timestamp with time zone not null
  changed_at timestamp with time zone not null
  changed_by uuid not null
  constraint system_request_changed_by_fkey FOREIGN KEY (changed_by) REFERENCES party(id)
  constraint system_request_check CHECK ((is_change OR (state = 'accepted'::text) OR (system_party IS NULL)))
  constraint system_request_check1 CHECK (((state <> 'accepted'::text) OR (system_party IS NOT NULL)))
  constraint system_request_customer_fkey FOREIGN KEY (customer) REFERENCES party(id)
  constraint system_request_pkey PRIMARY KEY (id)
  constraint system_request_state_check CHECK ((state = ANY (ARRAY['created'::text, 'accepted'::text, 'rejected'::text, 'withdrawn'::text])))
  constraint system_request_system_id_fkey FOREIGN KEY (system_id) REFERENCES vendor_system(id)
  constraint system_request_system_party_fkey FOREIGN KEY (system_party) REFERENCES party(id)
  CREATE INDEX system_request_customer ON public.system_request USING btree (customer, id)
  CREATE INDEX system_request_system ON public.system_request USING btree (system_id, id)
  CREATE INDEX system_request_user ON public.system_request USING btree (system_party) WHERE (system_party IS NOT NULL)
  CREATE UNIQUE INDEX system_request_pkey ON public.system_request USING btree (id)

table vendor_system
  id text not null
  vendor uuid not null
  name jsonb not null
  kind text not null
  packages ARRAY not null
  resources ARRAY not null
  redirect_origins ARRAY not null
  registered_at timestamp with time zone not null
  changed_at timestamp with time zone not null
  ended_at timestamp with time zone
  constraint vendor_system_id_check CHECK ((id ~ '^[0-9]{9}_.'::text))
  constraint vendor_system_kind_check CHECK ((kind = ANY (ARRAY['standard'::text, 'agent'::text])))
  constraint vendor_system_pkey PRIMARY KEY (id)
  constraint vendor_system_vendor_fkey FOREIGN KEY (vendor) REFERENCES party(id)
  CREATE INDEX vendor_system_vendor ON public.vendor_system USING btree (vendor)
  CREATE UNIQUE INDEX vendor_system_pkey ON public.vendor_system USING btree (id)
