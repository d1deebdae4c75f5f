-- Whose a direct room is, in JSON: [{"id":1,"username":"ann","display_name":"Ann"}]; nothing for other rooms.
ALTER TABLE rooms ADD COLUMN people TEXT;
