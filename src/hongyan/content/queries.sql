-- Signatures and templates.

-- name: approved_signatures
SELECT signature_id, account_id, text FROM signatures WHERE state = 'approved' ORDER BY signature_id;

-- name: approved_templates
-- What may go out: a template bound to a signature needs that one approved as well.
SELECT t.template_id, t.account_id, t.signature_id, t.kind, t.body
FROM templates AS t LEFT JOIN signatures AS s USING (signature_id)
WHERE t.state = 'approved' AND (t.signature_id IS NULL OR s.state = 'approved')
ORDER BY t.template_id;
