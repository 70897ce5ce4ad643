// The one import that chooses the client: urql, or apollo. Delete the other file.
export { createClient, Provider, useMutation, useQuery } from "./urql";
