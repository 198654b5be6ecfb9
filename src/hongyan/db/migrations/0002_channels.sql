-- What each channel's carrier wants to have its way, and the digits by which an account is told from others on one number.

-- carriers.settings.ChannelSettings as JSON: only what differs from the protocol's default.
ALTER TABLE channels ADD COLUMN settings jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object');

-- The extension (扩展码) goes out behind a channel's source number, and replies come back to it.
ALTER TABLE accounts ADD COLUMN extension text NOT NULL DEFAULT '' CHECK (extension ~ '^[0-9]{0,20}$');
CREATE UNIQUE INDEX accounts_by_extension ON accounts (extension) WHERE extension <> '';

-- As it was when the message was accepted.
ALTER TABLE messages ADD COLUMN extension text NOT NULL DEFAULT '';
